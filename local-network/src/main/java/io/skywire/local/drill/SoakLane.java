package io.skywire.local.drill;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/// Transfers one after the other over one way of the network, on a thread of its own, each compared with what was asked
/// for by SHA-256. Counters may be read from any thread.
final class SoakLane implements AutoCloseable {
    private static final int CHUNKS = 2_000; // 20 MB in 20 s
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Duration END = Duration.ofSeconds(150);

    private final String name;
    private final Way way;
    private final Random random;
    private final Thread thread;
    private volatile boolean running;
    private volatile boolean ended;
    private volatile boolean busy;
    private volatile int whole;
    private volatile int broken;
    private volatile int refused;
    private volatile int mismatches;
    private volatile String lastTrouble = "";

    /// A new connection to a [SeededSource] at the other end.
    interface Way {
        Socket open() throws IOException;
    }

    SoakLane(String name, Way way, long seed) {
        this.name = name;
        this.way = way;
        this.random = new Random(seed);
        this.thread = Thread.ofPlatform().daemon().name("lane-" + name).start(this::run);
    }

    void go() {
        running = true;
    }

    /// No transfer begins from now on; whether the last one ended in time.
    boolean rest() {
        running = false;
        return io.skywire.local.Patience.until(END, () -> !busy);
    }

    String name() {
        return name;
    }

    int whole() {
        return whole;
    }

    int broken() {
        return broken;
    }

    /// Connections that the door refused: no transfer came of them.
    int refused() {
        return refused;
    }

    int mismatches() {
        return mismatches;
    }

    String lastTrouble() {
        return lastTrouble;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one thread writes
    private void run() {
        while (!ended) {
            busy = running;
            if (!busy) {
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
                continue;
            }
            Socket socket;
            try {
                socket = way.open();
            } catch (IOException no) {
                refused++;
                lastTrouble = "refused: " + no.getMessage();
                LockSupport.parkNanos(AGAIN.toNanos());
                continue;
            }
            try (socket) {
                transfer(socket);
            } catch (IOException cut) {
                broken++;
                lastTrouble = "broke: " + cut.getMessage();
                LockSupport.parkNanos(AGAIN.toNanos());
            }
        }
        busy = false;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    private void transfer(Socket socket) throws IOException {
        long seed = random.nextLong();
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeLong(seed);
        out.writeInt(CHUNKS);
        out.flush();
        MessageDigest come = TimedSink.sha256();
        InputStream in = socket.getInputStream();
        byte[] chunk = new byte[SeededSource.CHUNK];
        long wanted = (long) CHUNKS * SeededSource.CHUNK;
        long bytes = 0;
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
            come.update(chunk, 0, read);
            bytes += read;
        }
        if (bytes < wanted) {
            throw new IOException("ended after " + bytes + " of " + wanted + " bytes");
        }
        MessageDigest asked = TimedSink.sha256();
        SplittableRandom again = new SplittableRandom(seed);
        for (int i = 0; i < CHUNKS; i++) {
            again.nextBytes(chunk);
            asked.update(chunk);
        }
        if (Arrays.equals(come.digest(), asked.digest())) {
            whole++;
        } else {
            mismatches++;
        }
    }

    @Override
    public void close() {
        running = false;
        ended = true;
        thread.interrupt();
    }
}
