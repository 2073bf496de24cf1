/// The heart of a node: what happens to one packet. Rules in, packets through.
///
/// Start here: [EdgeRoute] is the node's end of a route, [RouteEnds] is who gets its payloads. The table is keyed by
/// (ingress transport, route id); readers never lock.
@NullMarked
package io.skywire.node.router;

import org.jspecify.annotations.NullMarked;
