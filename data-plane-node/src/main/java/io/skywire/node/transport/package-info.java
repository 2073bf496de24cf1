/// Links to neighbours. A transport carries whole packets to one neighbour and hands over those that arrive.
///
/// Start here: [Transport] is a live link, [Ingress] is where its packets go, [TransportListener] hears of links that
/// come and go, [TcpTransports] makes links over TCP, [MessagingTransports] through messaging servers. Knows keys and
/// links; knows nothing of routes beyond the four bytes that name their queue. The allowed arrows are
/// [io.skywire.node.wire], [io.skywire.shared.noise], [io.skywire.node.messaging], [io.skywire.node.letters] and
/// [io.skywire.node.loops].
@NullMarked
package io.skywire.node.transport;

import org.jspecify.annotations.NullMarked;
