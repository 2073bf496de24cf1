package io.skywire.local.drill;

import io.skywire.local.MachineLacks;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A server on loopback that sends random bytes at a steady pace to the first who says a byte, until it is told to
/// stop or has sent all it was to send. Held up, it catches up afterwards.
final class PacedSource implements AutoCloseable {
    static final int CHUNK = 20_000;
    static final Duration EVERY = Duration.ofMillis(5);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ServerSocket listening;
    private final RandomGenerator random;
    private final int chunkLength;
    private final long most;
    private final MessageDigest digest = TimedSink.sha256();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicLong bytes = new AtomicLong();
    private volatile @Nullable Socket taker;
    private volatile boolean stopping;

    /// `random` is used on a thread of its own.
    PacedSource(RandomGenerator random) {
        this(random, CHUNK, Long.MAX_VALUE);
    }

    /// @param chunk bytes every [#EVERY]
    /// @param most bytes in all
    PacedSource(RandomGenerator random, int chunk, long most) {
        this.random = random;
        this.chunkLength = chunk;
        this.most = most;
        try {
            listening = new ServerSocket(0, 4, InetAddress.getLoopbackAddress());
        } catch (IOException taken) {
            throw new MachineLacks("cannot listen on loopback: " + taken.getMessage());
        }
        Thread.ofPlatform().daemon().name("paced-source").start(this::run);
    }

    int port() {
        return listening.getLocalPort();
    }

    private void run() {
        try {
            boolean sent = false;
            while (!sent) {
                try (Socket client = listening.accept()) {
                    taker = client;
                    client.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
                    if (client.getInputStream().read() >= 0) { // else its other end gave up the connect
                        send(client.getOutputStream());
                        sent = true;
                    }
                }
            }
        } catch (IOException broken) {
            // the sink sees what is missing
        } finally {
            ended.countDown();
        }
    }

    private void send(OutputStream out) throws IOException {
        byte[] chunk = new byte[chunkLength];
        for (long due = System.nanoTime(); !stopping && bytes.get() < most; due += EVERY.toNanos()) {
            for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
                LockSupport.parkNanos(early);
            }
            random.nextBytes(chunk);
            int length = (int) Math.min(chunkLength, most - bytes.get());
            digest.update(chunk, 0, length);
            bytes.addAndGet(length);
            out.write(chunk, 0, length);
        }
    }

    /// Sends no more, and waits until the last byte is on its way; one that is held up for good is cut.
    void stop() {
        stopping = true;
        try {
            if (!ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                close();
                ended.await();
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    /// Whether all was sent within `limit`, or the taker has gone.
    boolean awaitEnd(Duration limit) {
        try {
            return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Bytes sent so far.
    long bytes() {
        return bytes.get();
    }

    /// Of all bytes, in hex. Once, after [#stop].
    String sha256Sent() {
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public void close() {
        stopping = true;
        Socket client = taker;
        try {
            listening.close();
            if (client != null) {
                client.close();
            }
        } catch (IOException gone) {
            // it is closed
        }
    }
}
