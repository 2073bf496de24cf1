package io.skywire.local.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// A TCP service that gives back what it gets, and round trips to one.
final class Echo implements AutoCloseable {
    private static final int BYTES = 64;
    private static final int MOST = 100_000;
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final ServerSocket listening;

    private Echo(ServerSocket listening) {
        this.listening = listening;
    }

    /// On a port of loopback.
    static Echo start() {
        try {
            return at(new ServerSocket(0, 16, InetAddress.getLoopbackAddress()));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Where that socket listens. It belongs to the echo from now on.
    static Echo at(ServerSocket listening) {
        Echo echo = new Echo(listening);
        Thread.ofPlatform().daemon().name("echo").start(echo::accept);
        return echo;
    }

    int port() {
        return listening.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                Thread.ofPlatform().daemon().name("echo-one").start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // the end
        }
    }

    private static void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            byte[] bytes = new byte[4_096];
            for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
                out.write(bytes, 0, length);
            }
        } catch (IOException gone) {
            // so is the one who asked
        }
    }

    /// Round trips of 64 bytes to an echo behind that port of loopback, in milliseconds: for so long, with a pause
    /// between two.
    static Samples roundTrips(int port, Duration time, Duration pause) throws IOException {
        return roundTrips(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), time, pause);
    }

    /// The same to an echo elsewhere.
    static Samples roundTrips(InetSocketAddress address, Duration time, Duration pause) throws IOException {
        List<Double> found = new ArrayList<>();
        long end = System.nanoTime() + time.toNanos();
        try (Socket socket = new Socket()) {
            socket.connect(address, Math.toIntExact(ANSWER.toMillis()));
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(Math.toIntExact(ANSWER.toMillis()));
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            byte[] bytes = new byte[BYTES];
            do {
                long sent = System.nanoTime();
                out.write(bytes);
                if (in.readNBytes(bytes, 0, BYTES) < BYTES) {
                    throw new IOException("the echo behind " + address + " closed the connection");
                }
                found.add((System.nanoTime() - sent) / 1e6);
                LockSupport.parkNanos(pause.toNanos());
            } while (System.nanoTime() < end && found.size() < MOST);
        }
        return Samples.of(found.stream().mapToDouble(Double::doubleValue).toArray());
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException closedAlready) {
            // fine
        }
    }
}
