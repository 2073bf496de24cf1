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
        return connect(door, host, port, patience, SMALL_BUFFER);
    }

    /// @param buffer bytes that this end keeps unread. Segments on loopback have 64 KiB: a fast stream into a buffer
    /// that holds but one of them is held up for 200 ms now and then by the kernel's own timer
    static Socket connect(int door, String host, int port, Duration patience, int buffer) throws IOException {
        Socket socket =
                new Socket(new Proxy(Proxy.Type.SOCKS, new InetSocketAddress(InetAddress.getLoopbackAddress(), door)));
        try {
            socket.setReceiveBufferSize(buffer); // before the connect, or the window is as wide as ever
            socket.setSoTimeout((int) patience.toMillis());
            socket.connect(InetSocketAddress.createUnresolved(host, port), (int) patience.toMillis());
            return socket;
        } catch (IOException refused) {
            socket.close();
            throw refused;
        }
    }
}
