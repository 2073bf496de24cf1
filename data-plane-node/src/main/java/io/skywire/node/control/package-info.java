/// The node's one session with the control plane: proves keys, reports links, pulls rules, asks for routes.
///
/// Start here: [ControlLink]. Everything here runs on one thread, so nothing here locks. Wire contract:
/// `skywire/v1/agent_session.proto`.
@NullMarked
package io.skywire.node.control;

import org.jspecify.annotations.NullMarked;
