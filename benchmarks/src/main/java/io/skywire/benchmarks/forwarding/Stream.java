package io.skywire.benchmarks.forwarding;

import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Sends full frames into one connection as fast as they come out of another, and counts those. A thread for each side;
/// frames that come out are not opened, only their length prefixes are read.
///
/// At most 8 MiB are under way, about what the sockets' buffers hold, so the sender waits for TCP as any other would.
/// The limit is there because a node does not wait for its next hop but drops: what is lost shrinks what is under
/// way.
final class Stream {
    /// Routes that the packets of a stream take in turn; their ids are 1 and following.
    static final int ROUTES = 16;

    /// For what does not look into frames: they only have the length of sealed ones.
    static final Sealer NOT_SEALED = (plain, offset, length, target, targetOffset) -> length + BareCipher.TAG;

    private static final int MAX_PLAIN = 0xffff - BareCipher.TAG;
    private static final int LENGTH_PREFIX = 2;
    private static final int BATCH = 2;
    private static final int READ_SIZE = 1 << 20;
    private static final long UNDER_WAY = 8 << 20;
    private static final long STALLED_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long KEEP_ALIVE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final SocketChannel source;
    private final SocketChannel sink;
    private final Sealer sealer;
    private final KeepAlive keepAlive;
    private final Thread sender;
    private volatile byte[] frame = plainFrame(1_400);
    private volatile boolean running;
    private volatile boolean waiting;
    private volatile long plainBytes;
    private volatile long wireBytes;
    private volatile long frames;
    private volatile long lost;

    /// Something that counts as life while nothing is sent.
    @FunctionalInterface
    interface KeepAlive {
        void send() throws IOException;
    }

    /// What came out so far. Any thread.
    ///
    /// @param plain bytes of packets
    /// @param wire all bytes
    record Count(long plain, long wire, long frames) {}

    private Stream(SocketChannel source, SocketChannel sink, Sealer sealer, KeepAlive keepAlive) {
        this.source = source;
        this.sink = sink;
        this.sealer = sealer;
        this.keepAlive = keepAlive;
        this.sender = Thread.ofPlatform().daemon().name("source").unstarted(() -> guarded(this::send));
    }

    static Stream start(SocketChannel source, SocketChannel sink, Sealer sealer, KeepAlive keepAlive) {
        Stream stream = new Stream(source, sink, sealer, keepAlive);
        Thread.ofPlatform().daemon().name("sink").start(() -> guarded(stream::receive));
        stream.sender.start();
        return stream;
    }

    /// From one neighbour of a node to another.
    static Stream between(Neighbour source, Neighbour sink) {
        Thread.ofPlatform().daemon().name("pings").start(() -> guarded(() -> ignore(source.channel())));
        Thread.ofPlatform()
                .daemon()
                .name("life")
                .start(() -> guarded(() -> {
                    while (true) {
                        sink.keepAlive();
                        LockSupport.parkNanos(KEEP_ALIVE_NANOS);
                    }
                }));
        return start(source.channel(), sink.channel(), source.sealing(), source::keepAlive);
    }

    Count count() {
        return new Count(plainBytes, wireBytes, frames);
    }

    /// Bytes of packets that did not come out.
    long lost() {
        return lost;
    }

    /// Goes on with packets of this payload.
    void run(int payload) {
        frame = plainFrame(payload);
        running = true;
        LockSupport.unpark(sender);
    }

    void pause() {
        running = false;
    }

    private static byte[] plainFrame(int payload) {
        int length = PacketLayout.HEADER_LENGTH + payload;
        byte[] frame = new byte[MAX_PLAIN / length * length];
        for (int at = 0, i = 0; at < frame.length; at += length, i++) {
            PacketLayout.writeHeader(frame, at, PacketType.DATA, new RouteId(1 + i % ROUTES), payload);
        }
        return frame;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // this thread is the only writer of `lost`
    private void send() throws IOException {
        byte[] sealed = new byte[0xffff];
        ByteBuffer out = ByteBuffer.allocateDirect(BATCH * (LENGTH_PREFIX + 0xffff));
        long sent = 0;
        long seen = 0;
        long progressAt = System.nanoTime();
        while (true) {
            if (!running) {
                keepAlive.send();
                LockSupport.parkNanos(KEEP_ALIVE_NANOS);
                progressAt = System.nanoTime();
                continue;
            }
            byte[] plain = frame;
            long received = plainBytes;
            if (received != seen) {
                seen = received;
                progressAt = System.nanoTime();
            }
            if (sent - received + BATCH * (long) plain.length > UNDER_WAY) {
                if (System.nanoTime() - progressAt > STALLED_NANOS) {
                    lost += sent - received;
                    sent = received;
                }
                waiting = true;
                if (plainBytes == received) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
                }
                waiting = false;
                continue;
            }
            out.clear();
            for (int i = 0; i < BATCH; i++) {
                int length = sealer.seal(plain, 0, plain.length, sealed, 0);
                out.putShort((short) length).put(sealed, 0, length);
                sent += plain.length;
            }
            out.flip();
            while (out.hasRemaining()) {
                source.write(out);
            }
        }
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // this thread is the only writer
    private void receive() throws IOException {
        ByteBuffer in = ByteBuffer.allocateDirect(READ_SIZE);
        int inFrame = 0; // bytes of the frame under way that are still to come
        int high = -1; // the first byte of a length prefix whose second is still to come
        while (true) {
            in.clear();
            int length = sink.read(in);
            if (length < 0) {
                throw new IOException("the connection to the sink was closed");
            }
            long plain = 0;
            int begun = 0;
            for (int at = 0; at < length; ) {
                if (inFrame > 0) {
                    int skipped = Math.min(inFrame, length - at);
                    inFrame -= skipped;
                    at += skipped;
                } else if (high < 0) {
                    high = in.get(at++) & 0xff;
                } else {
                    inFrame = high << 8 | (in.get(at++) & 0xff);
                    plain += inFrame - BareCipher.TAG;
                    begun++;
                    high = -1;
                }
            }
            plainBytes += plain;
            wireBytes += length;
            frames += begun;
            if (waiting) {
                LockSupport.unpark(sender);
            }
        }
    }

    private static void ignore(SocketChannel channel) throws IOException {
        ByteBuffer in = ByteBuffer.allocateDirect(4_096);
        while (channel.read(in.clear()) >= 0) {
            // only life matters
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private static void guarded(Step step) {
        try {
            step.run();
        } catch (IOException broken) {
            System.err.println("a stream ends: " + broken.getMessage());
            System.exit(1);
        }
    }
}
