package io.skywire.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// A port of loopback that leads to another one while it is open, and looks for certain bytes in all that passes.
/// Closed, it refuses, and cuts what went through: a router without and with a port forwarding. Held, it lets nothing
/// through and says nothing, to old and to new connections: a cable that was pulled out.
final class Tap implements AutoCloseable {
    private static final int CHUNK = 1 << 16;
    private static final Duration LAST_ACCEPT = Duration.ofSeconds(5);

    private final InetSocketAddress address;
    private final int target;
    private final LongAdder bytes = new LongAdder();
    private final Deque<Socket> sockets = new ArrayDeque<>();
    private @Nullable ServerSocket listening;
    private @Nullable Thread accepting;
    private volatile byte[] wanted = {};
    private volatile boolean seen;
    private final Object gate = new Object();
    private boolean held; // under the lock of the gate

    Tap(int port, int target) {
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.target = target;
    }

    /// From now on these bytes are looked for.
    void lookFor(byte[] marker) {
        wanted = marker.clone();
    }

    boolean hasSeen() {
        return seen;
    }

    /// All that has passed, both ways.
    long bytes() {
        return bytes.sum();
    }

    /// Nothing passes from now on, until [#release()].
    void hold() {
        synchronized (gate) {
            held = true;
        }
    }

    /// What waits passes, in order.
    void release() {
        synchronized (gate) {
            held = false;
            gate.notifyAll();
        }
    }

    private void pass() throws IOException {
        synchronized (gate) {
            while (held) {
                try {
                    gate.wait();
                } catch (InterruptedException ending) {
                    throw new IOException("interrupted", ending);
                }
            }
        }
    }

    /// @throws MachineLacks if the port cannot be had
    synchronized void open() {
        try {
            ServerSocket server = new ServerSocket();
            server.setReuseAddress(true);
            server.bind(address);
            listening = server;
            accepting = Thread.ofVirtual().name("tap").start(() -> accept(server));
        } catch (IOException taken) {
            throw new MachineLacks("cannot listen at " + address + ": " + taken.getMessage());
        }
    }

    private void accept(ServerSocket server) {
        while (true) {
            try {
                join(server.accept());
            } catch (IOException refused) {
                if (server.isClosed()) {
                    return;
                }
            }
        }
    }

    /// Where nobody listens behind, who came is cut off at once, as he would be by the port itself.
    private void join(Socket in) throws IOException {
        try {
            Socket out = new Socket(address.getAddress(), target);
            keep(in, out);
            in.setTcpNoDelay(true);
            out.setTcpNoDelay(true);
            Thread.ofVirtual().start(() -> copy(in, out));
            Thread.ofVirtual().start(() -> copy(out, in));
        } catch (IOException refused) {
            in.close();
            throw refused;
        }
    }

    private synchronized void keep(Socket in, Socket out) {
        sockets.add(in);
        sockets.add(out);
    }

    private void copy(Socket from, Socket to) {
        byte[] chunk = new byte[CHUNK];
        int kept = 0;
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(chunk, kept, CHUNK - kept); read > 0; read = in.read(chunk, kept, CHUNK - kept)) {
                pass();
                out.write(chunk, kept, read);
                bytes.add(read);
                kept = search(chunk, kept + read);
            }
            pass(); // an end is not told either
        } catch (IOException cut) {
            // the other direction ends too
        }
    }

    /// Moves to the front what may be the beginning of the marker; answers how much.
    private int search(byte[] chunk, int length) {
        byte[] marker = wanted;
        if (marker.length == 0) {
            return 0;
        }
        for (int at = 0; at + marker.length <= length && !seen; at++) {
            if (chunk[at] == marker[0] && Arrays.equals(chunk, at, at + marker.length, marker, 0, marker.length)) {
                seen = true;
            }
        }
        int kept = Math.min(length, marker.length - 1);
        System.arraycopy(chunk, length - kept, chunk, 0, kept);
        return kept;
    }

    @Override
    public void close() {
        release();
        ServerSocket server;
        Thread acceptor;
        synchronized (this) {
            server = listening;
            acceptor = accepting;
            listening = null;
            accepting = null;
        }
        try {
            if (server != null) {
                server.close();
            }
            if (acceptor != null) {
                acceptor.join(LAST_ACCEPT); // the port is free, and nobody comes in, only when it has noticed
            }
            for (Socket socket : taken()) {
                socket.close();
            }
        } catch (IOException gone) {
            throw new MachineLacks("cannot close " + address + ": " + gone.getMessage());
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized List<Socket> taken() {
        List<Socket> all = new ArrayList<>(sockets);
        sockets.clear();
        return all;
    }
}
