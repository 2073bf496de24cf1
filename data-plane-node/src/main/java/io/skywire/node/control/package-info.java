/// The node's one session with the control plane: proves keys, reports links, pulls rules, asks for routes.
///
/// Start here: [ControlLink]. Everything here runs on one thread, so nothing here locks. Wire contract:
/// `skywire/v1/agent_session.proto`. Allowed arrows: [io.skywire.node.rules] applies deltas, [io.skywire.node.router]
/// and [io.skywire.node.transport] say what is reported, [io.skywire.node.session] asks.
@NullMarked
package io.skywire.node.control;

import org.jspecify.annotations.NullMarked;
