package io.skywire.local.drill;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Takes all that comes through a connection on a thread of its own, and notes when it came.
final class TimedSink implements AutoCloseable {
    private static final int CHUNK = 64 * 1024;

    private final Socket from;
    private final Arrivals arrivals = new Arrivals();
    private final MessageDigest digest = sha256();
    private final AtomicLong bytes = new AtomicLong();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Optional<String> broken = Optional.empty();

    /// Says one byte, upon which a [PacedSource] begins.
    TimedSink(Socket from) {
        this.from = from;
        Thread.ofPlatform().daemon().name("timed-sink").start(this::run);
    }

    private void run() {
        byte[] chunk = new byte[CHUNK];
        try {
            from.getOutputStream().write(1);
            InputStream in = from.getInputStream();
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                arrivals.add(System.nanoTime());
                digest.update(chunk, 0, read);
                bytes.addAndGet(read);
            }
        } catch (IOException cut) {
            broken = Optional.of(String.valueOf(cut.getMessage()));
        } finally {
            ended.countDown();
        }
    }

    Arrivals arrivals() {
        return arrivals;
    }

    /// Bytes that have come so far.
    long bytes() {
        return bytes.get();
    }

    /// Whether the stream has come to its end within `limit`, in order or broken.
    boolean awaitEnd(Duration limit) {
        try {
            return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Why the stream broke off, if it did.
    Optional<String> broken() {
        return broken;
    }

    /// Of all bytes that came, in hex. Once, after the end.
    String sha256Come() {
        return HexFormat.of().formatHex(digest.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    @Override
    public void close() {
        try {
            from.close();
        } catch (IOException gone) {
            // it is closed
        }
    }
}
