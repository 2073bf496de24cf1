/// Sessions: one QUIC connection to one peer, carried over routes. Encrypts end to end, retransmits, carries streams.
///
/// Start here: [RouteRequests] is how a session gets a route. The routes come from [io.skywire.node.router].
@NullMarked
package io.skywire.node.session;

import org.jspecify.annotations.NullMarked;
