package io.skywire.node.transport;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Counts the incoming handshakes under way, in all and by where they come from, and refuses beyond a limit, so that
/// one host cannot keep everybody else out. Safe for any thread.
///
/// A host is an IPv4 address or an IPv6 network of 64 bits, which is what one subscriber gets.
final class PendingHandshakes {
    private static final int NETWORK_BYTES = 8;

    private final int most;
    private final int mostPerHost;
    private final Map<ByteBuffer, Integer> byHost = new HashMap<>();
    private int all;

    PendingHandshakes(int most, int mostPerHost) {
        this.most = most;
        this.mostPerHost = mostPerHost;
    }

    /// One more from `remote`, or why not. Whoever is let in is given back with [#leave], once.
    synchronized Optional<LinkFailure> enter(SocketAddress remote) {
        if (all >= most) {
            return Optional.of(LinkFailure.TOO_MANY_HANDSHAKES);
        }
        ByteBuffer host = host(remote);
        int fromHost = byHost.getOrDefault(host, 0);
        if (fromHost >= mostPerHost) {
            return Optional.of(LinkFailure.TOO_MANY_FROM_ADDRESS);
        }
        all++;
        byHost.put(host, fromHost + 1);
        return Optional.empty();
    }

    synchronized void leave(SocketAddress remote) {
        all--;
        byHost.computeIfPresent(host(remote), (host, pending) -> pending == 1 ? null : pending - 1);
    }

    private static ByteBuffer host(SocketAddress remote) {
        if (!(remote instanceof InetSocketAddress address) || address.getAddress() == null) {
            return ByteBuffer.allocate(0);
        }
        InetAddress host = address.getAddress();
        byte[] bytes = host.getAddress();
        return ByteBuffer.wrap(host instanceof Inet6Address ? Arrays.copyOf(bytes, NETWORK_BYTES) : bytes);
    }
}
