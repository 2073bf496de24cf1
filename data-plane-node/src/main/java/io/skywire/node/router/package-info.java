/// The heart of a node: what happens to one packet. Rules in, packets through.
///
/// Start here: [Router] is the face, [Forwarding] is a packet's way, [RoutingTable] holds the rules by (ingress
/// transport, route id). [EdgeRoute] is the node's end of a route, [RouteEnds] is who gets its payloads. Readers
/// never lock. The allowed arrow is [io.skywire.node.transport].
@NullMarked
package io.skywire.node.router;

import org.jspecify.annotations.NullMarked;
