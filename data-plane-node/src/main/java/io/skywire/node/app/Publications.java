package io.skywire.node.app;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.skywire.node.loops.ModestReads;
import io.skywire.node.session.FirstBytes;
import io.skywire.node.session.IncomingStreams;
import io.skywire.node.session.StreamRefusal;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The local ports that this node offers, and the connections to them. Safe for any thread.
public final class Publications implements IncomingStreams {
    private static final Logger log = LoggerFactory.getLogger(Publications.class);
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

    private final ConcurrentHashMap<Integer, Publication> byPort = new ConcurrentHashMap<>();
    private final Limits limits;
    private final Semaphore connections;
    private final ConcurrentHashMap<PublicKey, Integer> perPeer = new ConcurrentHashMap<>();
    private final Map<StreamRefusal, LongAdder> refusals = new EnumMap<>(StreamRefusal.class);
    private final Bootstrap bootstrap;

    /// How much peers may use.
    ///
    /// @param connections at once, of all peers
    /// @param perPeer at once, of one peer
    /// @param idle a connection that carries nothing for so long is cut; zero: never
    public record Limits(int connections, int perPeer, Duration idle) {
        public static final Limits DEFAULTS = new Limits(2048, 2048, Duration.ZERO);
    }

    /// @param group NIO event loops, see [ApplicationLoops]
    public Publications(EventLoopGroup group) {
        this(group, Limits.DEFAULTS);
    }

    /// @param group NIO event loops, see [ApplicationLoops]
    public Publications(EventLoopGroup group, Limits limits) {
        this.limits = limits;
        this.connections = new Semaphore(limits.connections());
        for (StreamRefusal refusal : StreamRefusal.values()) {
            refusals.put(refusal, new LongAdder());
        }
        this.bootstrap = new Bootstrap()
                .group(ApplicationLoops.require(group))
                .channel(ApplicationLoops.CONNECTING)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.RECVBUF_ALLOCATOR, ModestReads.asItComes())
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel socket) {
                        if (!limits.idle().isZero()) {
                            socket.pipeline().addLast(new IdleCut(limits.idle()));
                        }
                        socket.pipeline().addLast(FirstBytes.hold());
                    }
                });
    }

    /// Offers the port, unless the number is taken by a different offer.
    public Outcome publish(Publication offer) {
        Publication known = byPort.putIfAbsent(offer.port(), offer);
        return known == null || known.equals(offer) ? new Outcome.Published(offer) : new Outcome.Taken(known);
    }

    /// Offers the port, in place of another offer of that number; connections that are open go on.
    public void replace(Publication offer) {
        byPort.put(offer.port(), offer);
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
            return refuse(StreamRefusal.NOT_PUBLISHED);
        }
        if (!offer.audience().admits(peer)) {
            return refuse(StreamRefusal.NOT_ALLOWED);
        }
        if (!admit(peer)) {
            return refuse(StreamRefusal.BUSY);
        }
        CompletableFuture<Verdict> verdict = new CompletableFuture<>();
        ChannelFuture connecting = bootstrap.connect(offer.target());
        connecting.channel().closeFuture().addListener(closed -> leave(peer));
        connecting.addListener((ChannelFuture connected) -> {
            if (connected.isSuccess() && connected.channel() instanceof SocketChannel socket) {
                verdict.complete(new Verdict.Take(new LocalTarget(socket)));
            } else {
                log.warn("published port {}: {} refused: {}", port, offer.target(), String.valueOf(connected.cause()));
                count(StreamRefusal.TARGET_REFUSED);
                verdict.complete(new Verdict.Refuse(StreamRefusal.TARGET_REFUSED));
            }
        });
        return verdict;
    }

    private boolean admit(PublicKey peer) {
        if (!connections.tryAcquire()) {
            return false;
        }
        if (perPeer.merge(peer, 1, Integer::sum) > limits.perPeer()) {
            leave(peer);
            return false;
        }
        return true;
    }

    private void leave(PublicKey peer) {
        perPeer.computeIfPresent(peer, (key, count) -> count == 1 ? null : count - 1);
        connections.release();
    }

    private void count(StreamRefusal refusal) {
        LongAdder count = refusals.get(refusal);
        if (count != null) {
            count.increment();
        }
    }

    /// Connections that are open or being opened.
    public int connections() {
        return limits.connections() - connections.availablePermits();
    }

    /// Streams that were refused so far.
    public long refused(StreamRefusal refusal) {
        LongAdder count = refusals.get(refusal);
        return count == null ? 0 : count.sum();
    }

    private CompletionStage<Verdict> refuse(StreamRefusal refusal) {
        count(refusal);
        return CompletableFuture.completedFuture(new Verdict.Refuse(refusal));
    }

    private static final class IdleCut extends IdleStateHandler {
        IdleCut(Duration idle) {
            super(0, 0, idle.toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        protected void channelIdle(ChannelHandlerContext ctx, IdleStateEvent event) {
            ctx.close();
        }
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
