package io.skywire.node.app;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.skywire.node.session.FirstBytes;
import io.skywire.node.session.IncomingStreams;
import io.skywire.node.session.StreamRefusal;
import io.skywire.shared.key.PublicKey;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The local ports that this node offers, and the connections to them. Safe for any thread.
public final class Publications implements IncomingStreams {
    private static final Logger log = LoggerFactory.getLogger(Publications.class);
    private static final int MAX_CONNECTIONS = 2048;
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

    private final ConcurrentHashMap<Integer, Publication> byPort = new ConcurrentHashMap<>();
    private final Semaphore connections = new Semaphore(MAX_CONNECTIONS);
    private final Bootstrap bootstrap;

    /// @param group NIO event loops, see [ApplicationLoops]
    public Publications(EventLoopGroup group) {
        this.bootstrap = new Bootstrap()
                .group(ApplicationLoops.require(group))
                .channel(ApplicationLoops.CONNECTING)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel socket) {
                        socket.pipeline().addLast(FirstBytes.hold());
                    }
                });
    }

    /// Offers the port, unless the number is taken by a different offer.
    public Outcome publish(Publication offer) {
        Publication known = byPort.putIfAbsent(offer.port(), offer);
        return known == null || known.equals(offer) ? new Outcome.Published(offer) : new Outcome.Taken(known);
    }

    /// Takes the offer back; connections that are open go on. False if there was none.
    public boolean unpublish(int port) {
        return byPort.remove(port) != null;
    }

    /// The offers, by port.
    public List<Publication> list() {
        return byPort.values().stream()
                .sorted(Comparator.comparingInt(Publication::port))
                .toList();
    }

    @Override
    public CompletionStage<Verdict> offered(PublicKey peer, int port) {
        Publication offer = byPort.get(port);
        if (offer == null) {
            return refused(StreamRefusal.NOT_PUBLISHED);
        }
        if (!offer.audience().admits(peer)) {
            return refused(StreamRefusal.NOT_ALLOWED);
        }
        if (!connections.tryAcquire()) {
            return refused(StreamRefusal.BUSY);
        }
        CompletableFuture<Verdict> verdict = new CompletableFuture<>();
        ChannelFuture connecting = bootstrap.connect(offer.target());
        connecting.channel().closeFuture().addListener(closed -> connections.release());
        connecting.addListener((ChannelFuture connected) -> {
            if (connected.isSuccess() && connected.channel() instanceof SocketChannel socket) {
                verdict.complete(new Verdict.Take(new LocalTarget(socket)));
            } else {
                log.warn("published port {}: {} refused: {}", port, offer.target(), String.valueOf(connected.cause()));
                verdict.complete(new Verdict.Refuse(StreamRefusal.TARGET_REFUSED));
            }
        });
        return verdict;
    }

    private static CompletionStage<Verdict> refused(StreamRefusal refusal) {
        return CompletableFuture.completedFuture(new Verdict.Refuse(refusal));
    }

    private record LocalTarget(SocketChannel socket) implements Target {
        @Override
        public void join(QuicStreamChannel stream) {
            StreamBridge.join(socket, stream);
        }

        @Override
        public void abandon() {
            socket.close();
        }
    }

    /// The outcome of [#publish].
    public sealed interface Outcome {
        record Published(Publication offer) implements Outcome {}

        /// The number leads elsewhere already.
        record Taken(Publication existing) implements Outcome {}
    }
}
