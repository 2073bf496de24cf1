package io.skywire.node.transport;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/// Socket addresses as people write them.
final class Addresses {
    private Addresses() {}

    /// `host:port`, without the slash that Java puts before an unnamed address.
    static String text(SocketAddress address) {
        if (address instanceof InetSocketAddress internet) {
            return text(internet.getHostString(), internet.getPort());
        }
        return String.valueOf(address);
    }

    static String text(String host, int port) {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
