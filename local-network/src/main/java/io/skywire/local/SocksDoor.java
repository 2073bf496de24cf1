package io.skywire.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.time.Duration;

/// A node's SOCKS5 door, as an application of its machine uses it.
final class SocksDoor {
    /// What an end that takes next to nothing unread keeps.
    static final int SMALL_BUFFER = 64 * 1024;

    private SocksDoor() {}

    /// A connection through the door at `door`. Reads on it wait as long as `patience`, and so does the connect.
    ///
    /// @throws IOException if the door or the node behind it says no
    static Socket connect(int door, String host, int port, Duration patience) throws IOException {
        Socket socket =
                new Socket(new Proxy(Proxy.Type.SOCKS, new InetSocketAddress(InetAddress.getLoopbackAddress(), door)));
        try {
            socket.setReceiveBufferSize(SMALL_BUFFER); // before the connect, or the window is as wide as ever
            socket.setSoTimeout((int) patience.toMillis());
            socket.connect(InetSocketAddress.createUnresolved(host, port), (int) patience.toMillis());
            return socket;
        } catch (IOException refused) {
            socket.close();
            throw refused;
        }
    }
}
