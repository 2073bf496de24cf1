/// Sessions over one link, without a route: how an agent that cannot reach its control plane gets a byte stream to it
/// through a gateway on the messaging network.
///
/// Start here: [LinkRoutes] makes a link look like a route, at both ends; [AgentLanes] is the agent's side of it. The
/// gateway's other side is a publication of [io.skywire.node.app]. Source: `docs/protocol/messaging.md`. The allowed
/// arrows are [io.skywire.node.control], [io.skywire.node.app], [io.skywire.node.session], [io.skywire.node.router] and
/// [io.skywire.node.transport].
@NullMarked
package io.skywire.node.gateway;

import org.jspecify.annotations.NullMarked;
