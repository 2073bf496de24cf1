package io.skywire.local.drill;

import io.skywire.local.MachineLacks;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/// A server on loopback that sends whoever says a seed the bytes of that seed, at a steady pace. What is asked: the
/// seed and the number of chunks, 8 and 4 bytes.
final class SeededSource implements AutoCloseable {
    static final int CHUNK = 10_000;

    private static final Duration EVERY = Duration.ofMillis(10);
    private static final int PATIENCE_MILLIS = 120_000;
    private static final int MOST_CHUNKS = 100_000;

    private final ServerSocket listening;
    private volatile boolean closed;

    SeededSource() {
        try {
            listening = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        } catch (IOException taken) {
            throw new MachineLacks("cannot listen on loopback: " + taken.getMessage());
        }
        Thread.ofPlatform().daemon().name("seeded-source").start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    private void accept() {
        while (!closed) {
            try {
                Socket taker = listening.accept();
                Thread.ofVirtual().name("seeded-source").start(() -> serve(taker));
            } catch (IOException closing) {
                return;
            }
        }
    }

    private void serve(Socket taker) {
        try (taker) {
            taker.setSoTimeout(PATIENCE_MILLIS);
            DataInputStream in = new DataInputStream(taker.getInputStream());
            SplittableRandom bytes = new SplittableRandom(in.readLong());
            int chunks = Math.min(MOST_CHUNKS, in.readInt());
            OutputStream out = taker.getOutputStream();
            byte[] chunk = new byte[CHUNK];
            long due = System.nanoTime();
            for (int i = 0; i < chunks && !closed; i++) {
                for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
                    LockSupport.parkNanos(early);
                }
                bytes.nextBytes(chunk);
                out.write(chunk);
                due = Math.max(due + EVERY.toNanos(), System.nanoTime() - EVERY.toNanos());
            }
        } catch (IOException broken) {
            // the taker sees what is missing
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            listening.close();
        } catch (IOException gone) {
            // it is closed
        }
    }
}
