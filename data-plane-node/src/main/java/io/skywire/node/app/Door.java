package io.skywire.node.app;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.skywire.node.loops.ModestReads;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// A listening socket for local programs, with a bound on its connections; one too many is closed at once.
final class Door {
    private static final int MAX_CONNECTIONS = 2048;

    private final Channel listening;

    private Door(Channel listening) {
        this.listening = listening;
    }

    /// Listens. Completes with the door, or with [DoorException] that says what to do.
    ///
    /// @param guest fills the pipeline of a new connection, which reads nothing by itself
    static CompletionStage<Door> open(
            String name, EventLoopGroup group, InetSocketAddress address, Consumer<SocketChannel> guest) {
        AtomicInteger connections = new AtomicInteger();
        CompletableFuture<Door> opened = new CompletableFuture<>();
        ServerBootstrap bootstrap = new ServerBootstrap();
        NearbyBuffers.bound(bootstrap, address);
        bootstrap
                .group(ApplicationLoops.require(group))
                .channel(ApplicationLoops.LISTENING)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, ModestReads.asItComes())
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel socket) {
                        if (connections.incrementAndGet() > MAX_CONNECTIONS) {
                            connections.decrementAndGet();
                            socket.close();
                            return;
                        }
                        socket.closeFuture().addListener(closed -> connections.decrementAndGet());
                        guest.accept(socket);
                    }
                })
                .bind(address)
                .addListener((ChannelFuture bound) -> {
                    if (bound.isSuccess()) {
                        opened.complete(new Door(bound.channel()));
                    } else {
                        opened.completeExceptionally(unavailable(name, address, bound.cause()));
                    }
                });
        return opened;
    }

    private static DoorException unavailable(String name, InetSocketAddress address, Throwable cause) {
        String where = name + ": " + address.getHostString() + ":" + address.getPort();
        boolean taken = cause instanceof BindException
                || String.valueOf(cause.getMessage()).contains("in use");
        if (address.isUnresolved() || cause instanceof UnsupportedAddressTypeException) {
            return new DoorException(where + " is no address of this machine; use 127.0.0.1", cause);
        }
        return new DoorException(
                taken
                        ? where
                                + " is in use by another program, or not an address of this machine; choose another port"
                        : where + " cannot be listened on: " + cause.getMessage(),
                cause);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /// Stops listening; connections that were let in go on.
    ChannelFuture close() {
        return listening.close();
    }
}
