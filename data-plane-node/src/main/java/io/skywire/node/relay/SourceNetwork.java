package io.skywire.node.relay;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/// Where a connection comes from, as coarse as addresses are given out: IPv4 /24, IPv6 /56. Limits count by it, because
/// whoever has one address of it easily has the others.
record SourceNetwork(int family, long prefix) {
    private static final int IPV4_BITS = 24;
    private static final int IPV6_BITS = 56;

    static SourceNetwork of(SocketAddress remote) {
        if (!(remote instanceof InetSocketAddress internet) || internet.getAddress() == null) {
            return new SourceNetwork(0, 0);
        }
        InetAddress address = internet.getAddress();
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return bytes.remaining() == Integer.BYTES
                ? new SourceNetwork(4, Integer.toUnsignedLong(bytes.getInt()) >>> Integer.SIZE - IPV4_BITS)
                : new SourceNetwork(6, bytes.getLong() >>> Long.SIZE - IPV6_BITS);
    }
}
