package io.skywire.benchmarks.forwarding;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
import io.skywire.node.loops.EventLoops;
import io.skywire.node.router.RouteProbes;
import io.skywire.node.router.Router;
import io.skywire.node.session.DialAnswer;
import io.skywire.node.session.DialRequest;
import io.skywire.node.session.IncomingStreams;
import io.skywire.node.session.PeerSessions;
import io.skywire.node.session.RouteRequests;
import io.skywire.node.session.SessionSettings;
import io.skywire.node.session.StreamAnswer;
import io.skywire.node.transport.TcpSettings;
import io.skywire.node.transport.TcpTransports;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.SessionUid;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Both ends of sessions through one node: links, routes and QUIC of the product, with a control plane that only counts
/// route ids. Session number n has route id n on all four links of its way.
final class SessionEnds implements AutoCloseable {
    private static final int CHUNK = 64 * 1024;
    private static final int WAITING = 2 * CHUNK;
    private static final int MAX_RULES = 10_000;
    private static final Duration SLOW_READ = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration END = Duration.ofSeconds(2);
    private static final Duration IDLE = Duration.ofHours(1);

    private final End source;
    private final End sink;
    private final Map<Integer, Session> sessions = new ConcurrentHashMap<>();
    private int last;

    /// One node's worth of rooms, without a control plane.
    private static final class End {
        private final KeyPair keys;
        private final TransportId link;
        private final SecureRandom random = new SecureRandom();
        private final EventLoopGroup loop;
        private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().factory());
        private final Router router;
        private final TcpTransports transports;
        private final PeerSessions sessions;

        End(String name, KeyPair keys, NodeUnderTest node, RouteRequests routes, IncomingStreams incoming) {
            this.keys = keys;
            this.link = TransportId.between(keys.publicKey(), node.key(), TransportType.TCP);
            this.loop = EventLoops.open(name, 1);
            SessionSettings defaults = SessionSettings.DEFAULTS;
            this.sessions = new PeerSessions(
                    keys,
                    loop,
                    routes,
                    incoming,
                    new SessionSettings(
                            2 * defaults.sessions(),
                            defaults.streamsPerSession(),
                            defaults.waitingStreams(),
                            defaults.pendingHandshakes(),
                            defaults.keepAlive(),
                            defaults.idle(),
                            PATIENCE,
                            PATIENCE,
                            defaults.streamAbort(),
                            PATIENCE),
                    InstantSource.system(),
                    random);
            this.router = new Router(
                    new Router.Settings(MAX_RULES), sessions, new Unprobed(), timers, System::nanoTime, random);
            this.transports = new TcpTransports(
                    keys, TcpSettings.defaults(), loop, router, router, InstantSource.system(), random);
            transports.keep(node.key(), "127.0.0.1", node.listen().getPort());
        }

        void rules(RouteUid route, SessionUid session, RouteEnd end, PublicKey peer, int id) {
            router.table()
                    .apply(
                            List.of(),
                            List.of(
                                    new Rule.Forward(
                                            route,
                                            session,
                                            end,
                                            peer,
                                            link,
                                            new RouteId(id),
                                            PacketLayout.MAX_PAYLOAD,
                                            IDLE),
                                    new Rule.Consume(route, peer, link, new RouteId(id), IDLE)));
        }

        long dropped() {
            long ofLinks = transports.live().stream()
                    .mapToLong(transport -> transport.snapshot().packetsDropped())
                    .sum();
            return ofLinks + sessions.counters().droppedInbound();
        }

        void close() {
            sessions.close(END).toCompletableFuture().join();
            transports.close(END);
            timers.shutdownNow();
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(END.toMillis());
        }
    }

    private static final class Unprobed implements RouteProbes {
        @Override
        public void answered(RouteUid route, Duration roundTrip) {}

        @Override
        public void unanswered(RouteUid route, String detail) {}
    }

    private SessionEnds(KeyPair sourceKeys, KeyPair sinkKeys, NodeUnderTest node) {
        this.sink = new End("sink", sinkKeys, node, new Unasked(), (peer, port) -> taken(port));
        this.source = new End(
                "source",
                sourceKeys,
                node,
                new Numbered(),
                (peer, port) -> CompletableFuture.failedFuture(new IllegalStateException("nobody dials the source")));
    }

    /// Returns when both links are up.
    static SessionEnds between(KeyPair source, KeyPair sink, NodeUnderTest node) {
        SessionEnds ends = new SessionEnds(source, sink, node);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (ends.source.transports.live().isEmpty()
                || ends.sink.transports.live().isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("no link to the node");
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
        return ends;
    }

    /// So many new sessions, each with one stream that waits to be told to send.
    List<Session> open(int count) throws Exception {
        List<Session> opened = new ArrayList<>();
        PublicKey peer = sink.keys.publicKey();
        for (int i = 0; i < count; i++) {
            Session session = new Session();
            int number = ++last;
            sessions.put(number, session);
            // Not the default path, whose dials are shared.
            DialRequest request = new DialRequest(peer, RouteRequests.Path.Any.between(2, 2), PATIENCE);
            DialAnswer dialled =
                    source.sessions.dial(request).toCompletableFuture().get();
            if (!(dialled instanceof DialAnswer.Connected)) {
                throw new IllegalStateException("session " + number + ": " + dialled);
            }
            // The newest session with the peer is the one just dialled.
            StreamAnswer stream = source.sessions
                    .openStream(peer, number)
                    .toCompletableFuture()
                    .get();
            if (!(stream instanceof StreamAnswer.Opened ready)) {
                throw new IllegalStateException("session " + number + ": " + stream);
            }
            session.stream = ready.stream();
            opened.add(session);
        }
        return opened;
    }

    /// Packets that found no room at the ends so far: on their links, or on the way to QUIC.
    long dropped() {
        return source.dropped() + sink.dropped();
    }

    private CompletionStage<IncomingStreams.Verdict> taken(int port) {
        Session session = sessions.get(port);
        if (session == null) {
            throw new IllegalStateException("no session has number " + port);
        }
        return CompletableFuture.completedFuture(new IncomingStreams.Verdict.Take(session));
    }

    /// The routes of the source: installed at both ends at once.
    private final class Numbered implements RouteRequests {
        @Override
        public CompletionStage<Answer> request(Request request) {
            RouteUid route = RouteUid.random(source.random);
            sink.rules(route, request.session(), RouteEnd.RESPONDER, source.keys.publicKey(), last);
            source.rules(route, request.session(), RouteEnd.INITIATOR, sink.keys.publicKey(), last);
            return CompletableFuture.completedFuture(new Answer.Established(route, 2, 1, List.of()));
        }

        @Override
        public void close(RouteUid route, String reason) {}
    }

    private static final class Unasked implements RouteRequests {
        @Override
        public CompletionStage<Answer> request(Request request) {
            return CompletableFuture.failedFuture(new IllegalStateException("the sink dials nobody"));
        }

        @Override
        public void close(RouteUid route, String reason) {}
    }

    /// One session: sends as fast as QUIC takes it, and counts what comes out.
    static final class Session implements IncomingStreams.Target {
        private final ByteBuf chunk = Unpooled.directBuffer(CHUNK).writeZero(CHUNK);
        private @Nullable QuicStreamChannel stream; // of the source
        private @Nullable QuicStreamChannel far;
        private volatile long got;
        private volatile boolean sending;
        private volatile boolean slow;
        private int waiting; // on the stream's loop

        void send() {
            sending = true;
            QuicStreamChannel to = opened();
            to.eventLoop().execute(() -> pump(to));
        }

        void pause() {
            sending = false;
        }

        /// From now on its reader takes one read in a tenth of a second.
        void readSlowly() {
            slow = true;
            QuicStreamChannel from = far;
            if (from != null) {
                from.eventLoop().execute(() -> from.config().setAutoRead(false));
            }
        }

        long got() {
            return got;
        }

        void close() {
            sending = false;
            QuicStreamChannel to = opened();
            to.eventLoop().execute(() -> to.parent().close());
        }

        private QuicStreamChannel opened() {
            QuicStreamChannel to = stream;
            if (to == null) {
                throw new IllegalStateException("its stream is not open");
            }
            return to;
        }

        private void pump(QuicStreamChannel to) {
            while (sending && waiting < WAITING && to.isActive()) {
                waiting += CHUNK;
                to.writeAndFlush(chunk.retainedDuplicate()).addListener(written -> {
                    waiting -= CHUNK;
                    if (written.isSuccess()) {
                        pump(to);
                    }
                });
            }
        }

        @Override
        public void join(QuicStreamChannel from) {
            far = from;
            from.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                @SuppressWarnings("NonAtomicOperationOnVolatileField") // this loop is the only writer
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                    got += ((ByteBuf) message).readableBytes();
                    ReferenceCountUtil.release(message);
                }

                @Override
                public void channelReadComplete(ChannelHandlerContext ctx) {
                    if (slow) {
                        ctx.executor().schedule(() -> ctx.read(), SLOW_READ.toMillis(), TimeUnit.MILLISECONDS);
                    }
                }

                @Override
                public void exceptionCaught(ChannelHandlerContext ctx, Throwable ended) {
                    ctx.close();
                }
            });
            from.config().setAutoRead(true);
        }

        @Override
        public void abandon() {}
    }

    @Override
    public void close() {
        source.close();
        sink.close();
    }
}
