package io.skywire.node.app;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;

/// What the kernel holds of connections to applications of this machine: [#BYTES] per direction and side. Left alone
/// it holds up to 4 MiB per connection on its way in; eight busy uploads then wait in 30 MB that no processor keeps
/// in its cache, and an application hears late that the network is slower than it.
///
/// Connections that leave this machine keep the kernel's own growing buffers, which a long way needs.
final class NearbyBuffers {
    static final int BYTES = 512 << 10;

    private NearbyBuffers() {}

    /// Must come before the socket is bound: TCP says how much it takes when a connection begins.
    static void bound(ServerBootstrap door, InetSocketAddress address) {
        if (isNearby(address)) {
            door.option(ChannelOption.SO_RCVBUF, BYTES).childOption(ChannelOption.SO_SNDBUF, BYTES);
        }
    }

    /// The same connections, bounded where the target is of this machine.
    static Bootstrap bound(Bootstrap connections, InetSocketAddress target) {
        return isNearby(target)
                ? connections.clone().option(ChannelOption.SO_RCVBUF, BYTES).option(ChannelOption.SO_SNDBUF, BYTES)
                : connections;
    }

    private static boolean isNearby(InetSocketAddress address) {
        return !address.isUnresolved() && address.getAddress().isLoopbackAddress();
    }
}
