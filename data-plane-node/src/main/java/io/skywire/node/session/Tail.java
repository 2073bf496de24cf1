package io.skywire.node.session;

import io.netty.buffer.ByteBuf;
import io.skywire.node.router.EdgeRoute;
import java.util.ArrayDeque;

/// The last few datagrams that a session sent. When it goes over to another route all that is under way is lost, and
/// QUIC would find that out with its probe timeout only. The newest datagrams, sent once more, are acknowledged after
/// one round trip, and by that QUIC knows the older ones to be lost. What has arrived after all, QUIC drops as a
/// duplicate.
///
/// On the event loop of the session only. Owns what it keeps.
final class Tail {
    /// QUIC takes a packet for lost when one is acknowledged that was sent three later.
    private static final int KEPT = 3;

    private final ArrayDeque<ByteBuf> newest = new ArrayDeque<>(KEPT + 1);
    private boolean closed;

    void keep(ByteBuf datagram) {
        if (closed) {
            return;
        }
        newest.addLast(datagram.retainedDuplicate());
        if (newest.size() > KEPT) {
            newest.removeFirst().release();
        }
    }

    void sendAgain(EdgeRoute route) {
        newest.forEach(datagram -> route.send(datagram.retainedDuplicate()));
        route.flush();
    }

    /// Nothing is kept from now on.
    void close() {
        closed = true;
        newest.forEach(ByteBuf::release);
        newest.clear();
    }
}
