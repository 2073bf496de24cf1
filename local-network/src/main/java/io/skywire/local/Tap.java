package io.skywire.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// A port of loopback that leads to another one while it is open, and looks for certain bytes in all that passes.
/// Closed,
/// it refuses, and cuts what went through: a router without and with a port forwarding.
final class Tap implements AutoCloseable {
    private static final int CHUNK = 1 << 16;

    private final InetSocketAddress address;
    private final int target;
    private final LongAdder bytes = new LongAdder();
    private final Deque<Socket> sockets = new ArrayDeque<>();
    private @Nullable ServerSocket listening;
    private volatile byte[] wanted = {};
    private volatile boolean seen;

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

    /// @throws MachineLacks if the port cannot be had
    synchronized void open() {
        try {
            ServerSocket server = new ServerSocket();
            server.setReuseAddress(true);
            server.bind(address);
            listening = server;
            Thread.ofVirtual().name("tap").start(() -> accept(server));
        } catch (IOException taken) {
            throw new MachineLacks("cannot listen at " + address + ": " + taken.getMessage());
        }
    }

    private void accept(ServerSocket server) {
        while (true) {
            try {
                Socket in = server.accept();
                Socket out = new Socket(address.getAddress(), target);
                in.setTcpNoDelay(true);
                out.setTcpNoDelay(true);
                keep(in, out);
                Thread.ofVirtual().start(() -> copy(in, out));
                Thread.ofVirtual().start(() -> copy(out, in));
            } catch (IOException refused) {
                if (server.isClosed()) {
                    return;
                }
            }
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
                out.write(chunk, kept, read);
                bytes.add(read);
                kept = search(chunk, kept + read);
            }
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
        List<Socket> cut;
        ServerSocket server;
        synchronized (this) {
            server = listening;
            listening = null;
            cut = new ArrayList<>(sockets);
            sockets.clear();
        }
        try {
            if (server != null) {
                server.close();
            }
            for (Socket socket : cut) {
                socket.close();
            }
        } catch (IOException gone) {
            throw new MachineLacks("cannot close " + address + ": " + gone.getMessage());
        }
    }
}
