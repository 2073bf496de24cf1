package io.skywire.local.hosts;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// A port of loopback on a host that leads to the same port of this machine's loopback: how the processes of a host
/// with no other cable reach a server that runs beside them.
public final class WayOut implements AutoCloseable {
    private static final int BACKLOG = 64;

    private final int port;
    private final ServerSocket listening;

    private WayOut(int port, ServerSocket listening) {
        this.port = port;
        this.listening = listening;
    }

    public static WayOut open(String namespace, int port) {
        ServerSocket listening =
                Namespaces.inside(namespace, () -> new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress()));
        WayOut way = new WayOut(port, listening);
        start("way-out", way::accept); // on this side: what this thread opens belongs to this machine
        return way;
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                join(listening.accept());
            } catch (IOException refusedOrClosed) {
                // who came is cut off; when closed, the loop ends
            }
        }
    }

    private void join(Socket in) throws IOException {
        try {
            Socket out = new Socket();
            out.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            in.setTcpNoDelay(true);
            out.setTcpNoDelay(true);
            start("way-out-forth", () -> copy(in, out));
            start("way-out-back", () -> copy(out, in));
        } catch (IOException refused) {
            in.close();
            throw refused;
        }
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException cut) {
            // the other direction ends too
        }
    }

    private static void start(String name, Runnable work) {
        Thread.ofPlatform().name(name).daemon().start(work);
    }

    /// Lets nobody in any more.
    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException closedAlready) {
            // fine
        }
    }
}
