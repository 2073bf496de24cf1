/// Links to neighbours. A transport carries whole packets to one neighbour and hands over those that arrive.
///
/// Start here: [Transport] is a live link, [Ingress] is where its packets go, [TransportListener] hears of links that
/// come and go. Knows keys and links; knows nothing of routes beyond the four bytes that name their queue.
@NullMarked
package io.skywire.node.transport;

import org.jspecify.annotations.NullMarked;
