package io.skywire.node.letters;

import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;

/// How much is read from a session's socket at once: little while little comes, as in a handshake or a heartbeat, and a
/// large piece once a small one was filled. One read per pass: its end is where everything is flushed.
public final class SocketReads extends DefaultMaxMessagesRecvByteBufAllocator {
    private static final int LITTLE = 2 * 1024;
    private static final int MUCH = 256 * 1024;

    public SocketReads() {
        super(1);
    }

    @Override
    @SuppressWarnings("deprecation") // Netty's own type of a handle
    public RecvByteBufAllocator.Handle newHandle() {
        return new MaxMessageHandle() {
            private int next = LITTLE;

            @Override
            public int guess() {
                return next;
            }

            @Override
            public void lastBytesRead(int bytes) {
                if (bytes >= LITTLE) {
                    next = MUCH;
                } else if (bytes >= 0 && bytes < LITTLE / 2) {
                    next = LITTLE;
                }
                super.lastBytesRead(bytes);
            }
        };
    }
}
