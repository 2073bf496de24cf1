package io.skywire.local.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A stretch of TCP between an agent and its control plane that can break as networks break: without a goodbye. Safe
/// for any thread.
final class Wire implements AutoCloseable {
    private static final int BUFFER = 16 * 1024;

    private final ServerSocket door;
    private final InetSocketAddress target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean swallows;
    private volatile boolean closed;

    private Wire(ServerSocket door, InetSocketAddress target) {
        this.door = door;
        this.target = target;
    }

    static Wire to(InetSocketAddress target) {
        try {
            Wire wire = new Wire(new ServerSocket(0, 16, InetAddress.getLoopbackAddress()), target);
            Thread.ofVirtual().name("wire").start(wire::accept);
            return wire;
        } catch (IOException noPort) {
            throw new UncheckedIOException(noPort);
        }
    }

    InetSocketAddress address() {
        return new InetSocketAddress(door.getInetAddress(), door.getLocalPort());
    }

    /// From now on nothing gets through and nobody is told: the connections stay open.
    void swallow() {
        swallows = true;
    }

    /// Breaks the connections at once: both sides get a reset in the middle of whatever they say.
    void cut() {
        close();
        sockets.forEach(Wire::reset);
    }

    private void accept() {
        while (!closed) {
            try {
                Socket near = door.accept();
                Thread.ofVirtual().name("wire-join").start(() -> join(near));
            } catch (IOException closedMeanwhile) {
                // looked at above
            }
        }
    }

    /// An agent that cannot be joined with its control plane sees its connection reset, and dials again.
    private void join(Socket near) {
        sockets.add(near);
        try {
            Socket far = new Socket(target.getAddress(), target.getPort());
            sockets.add(far);
            if (closed) {
                cut();
                return;
            }
            Thread.ofVirtual().name("wire-out").start(() -> pump(near, far));
            Thread.ofVirtual().name("wire-in").start(() -> pump(far, near));
        } catch (IOException refused) {
            reset(near);
            sockets.remove(near);
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (!swallows) {
                    out.write(buffer, 0, read);
                }
            }
        } catch (IOException broken) {
            // told to the other side below
        }
        reset(from);
        reset(to);
        sockets.remove(from);
        sockets.remove(to);
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException closedAlready) {
            // as wanted
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            door.close();
        } catch (IOException closedAlready) {
            // as wanted
        }
    }
}
