package io.skywire.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// A port of loopback that leads to another one while it is open, as a router with and without a port forwarding does.
/// Shut, it refuses, and cuts what went through.
final class Door implements AutoCloseable {
    private final InetSocketAddress address;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private @Nullable ServerSocket listening;

    Door(int port) {
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    synchronized void open(int target) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(address);
        listening = server;
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Socket in = server.accept();
                    Socket out = new Socket(address.getAddress(), target);
                    sockets.add(in);
                    sockets.add(out);
                    in.setTcpNoDelay(true);
                    out.setTcpNoDelay(true);
                    Thread.ofVirtual().start(() -> copy(in, out));
                    Thread.ofVirtual().start(() -> copy(out, in));
                }
            } catch (IOException shut) {
                // nobody comes in any more
            }
        });
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
        } catch (IOException cut) {
            // the other direction ends too
        }
    }

    synchronized void shut() throws IOException {
        ServerSocket server = listening;
        if (server != null) {
            server.close();
        }
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        shut();
    }
}
