package io.skywire.node.app;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/// The kinds of sockets that fit a group of event loops.
record Sockets(Class<? extends ServerSocketChannel> listening, Class<? extends SocketChannel> connecting) {
    static Sockets of(EventLoopGroup group) {
        boolean epoll =
                group instanceof IoEventLoopGroup io && Epoll.isAvailable() && io.isIoType(EpollIoHandler.class);
        return epoll
                ? new Sockets(EpollServerSocketChannel.class, EpollSocketChannel.class)
                : new Sockets(NioServerSocketChannel.class, NioSocketChannel.class);
    }
}
