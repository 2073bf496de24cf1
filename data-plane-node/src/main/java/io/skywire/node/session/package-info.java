/// Sessions: one QUIC connection to one peer, carried over routes. Encrypts end to end, retransmits, carries streams.
///
/// Start here: [PeerSessions] is the face: dial, open a stream, ping, hang up. [RouteRequests] is how a session gets a
/// route, [IncomingStreams] is who decides about streams of peers, [IncomingDatagrams] about their datagrams
/// ([Datagrams]). [StandbyPolicy] says which route is used and when
/// another is, [RouteShares] how two are used at once. The routes come from [io.skywire.node.router]; no
/// other room of the node is known here. Wire layouts and states: `docs/protocol/session.md`.
@NullMarked
package io.skywire.node.session;

import org.jspecify.annotations.NullMarked;
