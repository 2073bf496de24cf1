package io.skywire.node.api;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.skywire.node.loops.EventLoops;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Serves a [NodeApi] on a Unix socket of mode 0600, on one thread of its own. One request per connection; bodies up
/// to 64 KiB; requests must be whole within seconds.
public final class ApiServer implements AutoCloseable {
    private static final int MOST_CONNECTIONS = 64;
    private static final int REQUEST_SECONDS = 10;
    private static final int WRITE_SECONDS = 30;
    private static final int CLOSE_SECONDS = 5;

    private final EventLoopGroup loop;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final SocketFile file;

    private ApiServer(SocketFile file) {
        this.file = file;
        this.loop = EventLoops.openNio("node-api", 1);
    }

    /// Starts to answer. What a dead process left at the path is replaced.
    ///
    /// @throws ApiStartException if a node answers there already, or the path cannot be used
    public static ApiServer start(Path socket, NodeApi api) throws ApiStartException {
        return start(SocketFile.claim(socket), api);
    }

    /// Starts to answer at a path that is claimed; closes `file` with itself, or if it cannot start.
    ///
    /// @throws ApiStartException if the path cannot be used
    public static ApiServer start(SocketFile file, NodeApi api) throws ApiStartException {
        Path socket = file.path();
        ApiServer server = new ApiServer(file);
        ChannelFuture bound = server.bind(socket, new Endpoints(api)).awaitUninterruptibly();
        try {
            if (!bound.isSuccess()) {
                throw new ApiStartException("cannot make the API socket " + socket + ": " + bound.cause());
            }
            file.restrict();
            server.connections.add(bound.channel());
            return server;
        } catch (IOException unusable) {
            server.close();
            throw new ApiStartException("cannot restrict the API socket " + socket + ": " + unusable);
        } catch (ApiStartException refused) {
            server.close();
            throw refused;
        }
    }

    private ChannelFuture bind(Path socket, Endpoints endpoints) {
        return new ServerBootstrap()
                .group(loop)
                .channel(NioServerDomainSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (connections.size() > MOST_CONNECTIONS) {
                            channel.close();
                            return;
                        }
                        connections.add(channel);
                        channel.pipeline()
                                .addLast(new ReadTimeoutHandler(REQUEST_SECONDS))
                                .addLast(new WriteTimeoutHandler(WRITE_SECONDS))
                                .addLast(new HttpServerCodec())
                                .addLast(new BoundedBody())
                                .addLast(new ApiHandler(endpoints));
                    }
                })
                .bind(UnixDomainSocketAddress.of(socket));
    }

    /// Ends all connections and removes the socket. Returns when both are done, at most after seconds.
    @Override
    public void close() {
        connections.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        loop.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        file.close();
    }
}
