/// The node's command line: `run` is the node itself, `relay` a messaging server, everything else is a question to a
/// running node.
///
/// Start here: [NodeMain]. Exit codes: 0 held, 1 did not hold or was refused, 2 wrong use or a bad config, 3 no node
/// runs or the machine lacks something. May use [io.skywire.node.config] and [io.skywire.node.api]; only [NodeMain]
/// knows [io.skywire.node.Node] and [io.skywire.node.MessagingServer], the commands know a [NodeStarter] and a
/// [RelayStarter].
@NullMarked
package io.skywire.node.cli;

import org.jspecify.annotations.NullMarked;
