package io.skywire.node.session;

import io.netty.channel.Channel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamPriority;
import java.time.Duration;

/// Which streams of a session go first where all want more than its window lets out: those that have sent little
/// lately, so that a keystroke or a new request does not wait behind an upload. Confined to the stream's event loop.
///
/// | a stream that sent      | in the last | goes          |
/// |-------------------------|-------------|---------------|
/// | less than 256 KiB       | second      | before bulk   |
/// | more                    | second      | among bulk    |
///
/// A new stream is [#first] before its first byte.
final class StreamUrgency {
    private static final long LATELY_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int MUCH = 256 << 10;
    private static final QuicStreamPriority FIRST = new QuicStreamPriority(63, true);
    private static final QuicStreamPriority BULK = new QuicStreamPriority(127, true); // QUIC's default, and the last

    private long since = System.nanoTime();
    private long bytes;
    private boolean bulk;

    /// So many bytes are about to be written.
    void writes(Channel channel, int length) {
        long now = System.nanoTime();
        if (now - since > LATELY_NANOS) {
            since = now;
            if (bulk && bytes < MUCH) {
                bulk = false;
                set(channel, FIRST);
            }
            bytes = 0;
        }
        bytes += length;
        if (!bulk && bytes >= MUCH) {
            bulk = true;
            set(channel, BULK);
        }
    }

    static void first(QuicStreamChannel stream) {
        set(stream, FIRST);
    }

    private static void set(Channel channel, QuicStreamPriority priority) {
        if (channel instanceof QuicStreamChannel stream) {
            stream.updatePriority(priority);
        }
    }
}
