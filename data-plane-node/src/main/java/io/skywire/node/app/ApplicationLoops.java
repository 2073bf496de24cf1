package io.skywire.node.app;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.skywire.node.loops.EventLoops;

/// The event loops for applications' sockets: NIO, never epoll.
///
/// An application may end its side of a connection and read on. On epoll, Netty 4.2.17 and 4.2.18 take such a socket
/// out of the epoll set and fail the next change of interest with ENOENT, which closes the connection in the middle
/// of the answer and makes it look whole. The same transfers pass on NIO. Links never half-close and may use epoll.
public final class ApplicationLoops {
    static final Class<? extends ServerSocketChannel> LISTENING = NioServerSocketChannel.class;
    static final Class<? extends SocketChannel> CONNECTING = NioSocketChannel.class;

    private ApplicationLoops() {}

    /// Event loops that the doors and [Publications] accept; the caller shuts them down.
    public static EventLoopGroup create(int threads) {
        return EventLoops.openNio("node-applications", threads);
    }

    /// @throws IllegalArgumentException if the loops are not NIO
    static EventLoopGroup require(EventLoopGroup group) {
        if (group instanceof IoEventLoopGroup io && io.isIoType(NioIoHandler.class)) {
            return group;
        }
        throw new IllegalArgumentException(
                "applications' sockets need NIO event loops (ApplicationLoops.create), not " + group.getClass());
    }
}
