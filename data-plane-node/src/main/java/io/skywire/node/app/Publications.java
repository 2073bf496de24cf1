package io.skywire.node.app;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
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
import io.skywire.node.session.DatagramCounts;
import io.skywire.node.session.FirstBytes;
import io.skywire.node.session.FlowDrop;
import io.skywire.node.session.IncomingDatagrams;
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
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The local ports that this node offers, and the connections to them. Safe for any thread.
public final class Publications implements IncomingStreams, IncomingDatagrams {
    private static final Logger log = LoggerFactory.getLogger(Publications.class);
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

    private final ConcurrentHashMap<Number, Publication> offers = new ConcurrentHashMap<>();
    private final Limits limits;
    private final Semaphore connections;
    private final ConcurrentHashMap<PublicKey, Integer> perPeer = new ConcurrentHashMap<>();
    private final Map<StreamRefusal, LongAdder> refusals = new EnumMap<>(StreamRefusal.class);
    private final Bootstrap bootstrap;
    private final UdpServices udpServices;

    /// A number on the network.
    private record Number(int port, Publication.Protocol protocol) {
        static Number of(Publication offer) {
            return new Number(offer.port(), offer.protocol());
        }
    }

    /// How much peers may use.
    ///
    /// @param connections at once, of all peers; each flow of datagrams is one
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
        this.udpServices = new UdpServices(group);
        this.bootstrap = new Bootstrap()
                .group(ApplicationLoops.require(group))
                .channel(ApplicationLoops.CONNECTING)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
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
        Publication known = offers.putIfAbsent(Number.of(offer), offer);
        return known == null || known.equals(offer) ? new Outcome.Published(offer) : new Outcome.Taken(known);
    }

    /// Offers the port, in place of another offer of that number; connections that are open go on.
    public void replace(Publication offer) {
        offers.put(Number.of(offer), offer);
    }

    /// Takes the offer back; connections that are open go on. False if there was none.
    public boolean unpublish(int port, Publication.Protocol protocol) {
        return offers.remove(new Number(port, protocol)) != null;
    }

    /// The offers, by port.
    public List<Publication> list() {
        return offers.values().stream()
                .sorted(Comparator.comparingInt(Publication::port).thenComparing(Publication::protocol))
                .toList();
    }

    @Override
    public CompletionStage<IncomingStreams.Verdict> offered(PublicKey peer, int port) {
        Publication offer = offers.get(new Number(port, Publication.Protocol.TCP));
        if (offer == null) {
            return refuse(StreamRefusal.NOT_PUBLISHED);
        }
        if (!offer.audience().admits(peer)) {
            return refuse(StreamRefusal.NOT_ALLOWED);
        }
        if (!admit(peer)) {
            return refuse(StreamRefusal.BUSY);
        }
        CompletableFuture<IncomingStreams.Verdict> verdict = new CompletableFuture<>();
        ChannelFuture connecting =
                NearbyBuffers.bound(bootstrap, offer.target()).connect(offer.target());
        connecting.channel().closeFuture().addListener(closed -> leave(peer));
        connecting.addListener((ChannelFuture connected) -> {
            if (connected.isSuccess() && connected.channel() instanceof SocketChannel socket) {
                verdict.complete(new IncomingStreams.Verdict.Take(new LocalTarget(socket)));
            } else {
                log.warn("published port {}: {} refused: {}", port, offer.target(), String.valueOf(connected.cause()));
                count(StreamRefusal.TARGET_REFUSED);
                verdict.complete(new IncomingStreams.Verdict.Refuse(StreamRefusal.TARGET_REFUSED));
            }
        });
        return verdict;
    }

    @Override
    public IncomingDatagrams.Verdict begun(PublicKey peer, int port, Consumer<ByteBuf> back) {
        Publication offer = offers.get(new Number(port, Publication.Protocol.UDP));
        if (offer == null || !offer.audience().admits(peer)) {
            return new IncomingDatagrams.Verdict.Drop(FlowDrop.NOT_PUBLISHED);
        }
        if (!admit(peer)) {
            return new IncomingDatagrams.Verdict.Drop(FlowDrop.TOO_MANY_FLOWS);
        }
        return new IncomingDatagrams.Verdict.Take(udpServices.lead(offer.target(), back, () -> leave(peer)));
    }

    /// Datagrams that were thrown away in front of the published services.
    public DatagramCounts datagramCounts() {
        return udpServices.counts();
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

    private CompletionStage<IncomingStreams.Verdict> refuse(StreamRefusal refusal) {
        count(refusal);
        return CompletableFuture.completedFuture(new IncomingStreams.Verdict.Refuse(refusal));
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

    private record LocalTarget(SocketChannel socket) implements IncomingStreams.Target {
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
