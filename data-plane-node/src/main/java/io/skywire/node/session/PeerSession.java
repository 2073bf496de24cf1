package io.skywire.node.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicDatagramExtensionEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamLimitChangedEvent;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.SessionUid;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One QUIC connection to one peer. Confined to its event loop, except for the views.
///
/// | state     | what happens                                | next                                        |
/// |-----------|---------------------------------------------|---------------------------------------------|
/// | HANDSHAKE | TLS; both ends prove their keys             | GREETING, or ENDED: wrong key, too late     |
/// | GREETING  | HELLO from the initiator, then ACCEPT       | UP, or ENDED: not admitted, broken, too late |
/// | UP        | streams, pings                              | ENDED                                       |
/// | ENDED     | streams are reset, the path is free         |                                             |
final class PeerSession implements ControlStream.Listener {
    static final AttributeKey<PeerSession> KEY = AttributeKey.valueOf(PeerSession.class, "session");
    private static final Logger log = LoggerFactory.getLogger(PeerSession.class);
    private static final Duration REROUTED_PING = Duration.ofSeconds(5);
    private static final int MAX_PINGS = 64;
    private static final int MAX_RESETS = 2048;
    private static final int MAX_REASON = 200;

    private final SessionPath path;
    private final SessionContext context;
    private final QuicChannel quic;
    private final EventLoop loop;
    private final StreamOpenings openings;
    private final Datagrams datagrams;
    private final AtomicInteger streams = new AtomicInteger();
    private final AtomicInteger resets = new AtomicInteger();
    private final Map<Long, Ping> pings = new HashMap<>();
    private State state = State.HANDSHAKE;
    private @Nullable ControlStream control;
    private @Nullable Future<?> timer;
    private @Nullable String peerReason;
    private volatile @Nullable Instant upSince;
    private volatile @Nullable Duration roundTrip;
    private volatile @Nullable RouteSetup setup;

    private enum State {
        HANDSHAKE,
        GREETING,
        UP,
        ENDED
    }

    private record Ping(long sentNanos, CompletableFuture<PingAnswer> answer) {}

    PeerSession(SessionPath path, QuicChannel quic, SessionContext context) {
        this.path = path;
        this.quic = quic;
        this.loop = quic.parent().eventLoop();
        this.context = context;
        this.openings = new StreamOpenings(this, quic, context);
        this.datagrams = new Datagrams(path.peer(), quic, context);
    }

    SessionPath path() {
        return path;
    }

    PublicKey peer() {
        return path.peer();
    }

    SessionUid uid() {
        return path.session();
    }

    EventLoop loop() {
        return loop;
    }

    boolean isUp() {
        return state == State.UP;
    }

    void routeSetup(RouteSetup facts) {
        setup = facts;
    }

    SessionView view() {
        Instant since = upSince;
        Overlay overlay = path.overlay();
        SessionRoutes keeper = path.keeper();
        Spread spread = path.spread();
        return new SessionView(
                uid(),
                peer(),
                path.end(),
                path.routeUids(),
                spread == null ? Optional.empty() : spread.sharing(),
                keeper == null ? SessionView.Routing.NONE : keeper.standing(),
                Optional.ofNullable(setup),
                since == null ? Instant.EPOCH : since,
                overlay == null ? 0 : overlay.datagramSize(),
                streams.get(),
                Optional.ofNullable(roundTrip));
    }

    /// The handler of the session's QUIC channel.
    ChannelHandler handler() {
        return new ConnectionHandler();
    }

    private final class ConnectionHandler extends ChannelInboundHandlerAdapter {
        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            quic.closeFuture().addListener(closed -> connectionClosed());
            timer = loop.schedule(
                    () -> end(
                            SessionEnd.Kind.TIMEOUT,
                            "the session did not come up within "
                                    + context.settings().handshake().toSeconds() + " s"),
                    context.settings().handshake().toMillis(),
                    TimeUnit.MILLISECONDS);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
                proven();
            } else if (event instanceof QuicConnectionCloseEvent close) {
                peerReason = reasonOf(close);
            } else if (event instanceof QuicStreamLimitChangedEvent) {
                openings.drain();
            } else if (event instanceof QuicDatagramExtensionEvent) {
                Overlay overlay = path.overlay();
                datagrams.supported(overlay == null ? 0 : overlay.datagramSize());
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (!(message instanceof ByteBuf datagram)) {
                ctx.fireChannelRead(message);
            } else if (state == State.UP) {
                datagrams.received(datagram);
            } else {
                context.datagrams().dropped(FlowDrop.NO_SESSION);
                datagram.release();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            log.debug("session {} with {}: {}", uid(), peer().shortHex(), cause.toString());
        }
    }

    private static String reasonOf(QuicConnectionCloseEvent close) {
        byte[] reason = close.reason();
        String text = new String(reason, 0, Math.min(reason.length, MAX_REASON), StandardCharsets.UTF_8);
        if (close.isTlsError()) {
            return "the peer refused this node's certificate";
        }
        return text.isBlank() ? "QUIC error " + close.error() : text.replaceAll("\\p{Cntrl}", " ");
    }

    private void proven() {
        SSLEngine engine = quic.sslEngine();
        try {
            if (engine == null || !SessionTls.provenKey(engine).equals(peer())) {
                throw new CertificateException("the peer proved another key than the route's");
            }
        } catch (CertificateException wrong) {
            end(SessionEnd.Kind.REFUSED, String.valueOf(wrong.getMessage()));
            return;
        }
        state = State.GREETING;
        if (path.end() == RouteEnd.INITIATOR) {
            // The handshake's last datagram is still being read here; a stream may be opened once that is over.
            loop.execute(this::greet);
        }
    }

    private void greet() {
        quic.newStreamBootstrap()
                .type(QuicStreamType.BIDIRECTIONAL)
                .handler(new ChannelInboundHandlerAdapter())
                .create()
                .addListener((Future<QuicStreamChannel> created) -> {
                    if (!created.isSuccess()) {
                        end(SessionEnd.Kind.PROTOCOL, "no control stream: " + created.cause());
                        return;
                    }
                    QuicStreamChannel stream = created.getNow();
                    StreamUrgency.first(stream);
                    ControlStream opened = new ControlStream(stream, this);
                    stream.pipeline().addLast(opened);
                    stream.write(StreamHeader.encode(stream.alloc(), StreamHeader.CONTROL, 0));
                    opened.sendHello(uid());
                    control = opened;
                });
    }

    /// The peer has opened the control stream.
    void control(QuicStreamChannel stream) {
        if (path.end() != RouteEnd.RESPONDER || control != null) {
            end(SessionEnd.Kind.PROTOCOL, "a second control stream");
            return;
        }
        ControlStream opened = new ControlStream(stream, this);
        control = opened;
        stream.pipeline().addLast(opened);
        stream.config().setAutoRead(true);
    }

    @Override
    public void hello(SessionUid session) {
        ControlStream greeted = control;
        if (state != State.GREETING || path.end() != RouteEnd.RESPONDER || greeted == null) {
            end(SessionEnd.Kind.PROTOCOL, "an unexpected HELLO");
        } else if (!session.equals(uid())) {
            end(SessionEnd.Kind.REFUSED, "HELLO names session " + session + ", the route belongs to another");
        } else if (!context.observer().admits(this)) {
            end(SessionEnd.Kind.REFUSED, "the node has as many sessions as it takes");
        } else {
            greeted.sendAccept();
            up();
        }
    }

    @Override
    public void accept() {
        if (state != State.GREETING || path.end() != RouteEnd.INITIATOR) {
            end(SessionEnd.Kind.PROTOCOL, "an unexpected ACCEPT");
            return;
        }
        up();
        if (state != State.UP) {
            return;
        }
        long pause = context.settings().keepAlive().toMillis();
        timer = loop.scheduleAtFixedRate(this::keepAlive, pause, pause, TimeUnit.MILLISECONDS);
    }

    private void up() {
        cancelTimer();
        state = State.UP;
        upSince = context.clock().instant();
        context.counters().sessionsOpened.increment();
        context.observer().up(this);
    }

    private void keepAlive() {
        ping(context.settings().idle());
    }

    /// The path leads over another route now: lets QUIC know soon what was lost. Safe for any thread.
    void rerouted() {
        onLoop(
                () -> {
                    if (state == State.UP) {
                        path.sendTailAgain();
                    }
                },
                () -> {});
        var unused = ping(REROUTED_PING);
    }

    /// One round trip through the peer's session. Safe for any thread.
    CompletableFuture<PingAnswer> ping(Duration deadline) {
        CompletableFuture<PingAnswer> answer = new CompletableFuture<>();
        onLoop(
                () -> {
                    ControlStream open = control;
                    if (state != State.UP || open == null) {
                        answer.complete(new PingAnswer.Unanswered("the session is not up"));
                    } else if (pings.size() >= MAX_PINGS) {
                        answer.complete(new PingAnswer.Unanswered(MAX_PINGS + " pings are unanswered already"));
                    } else {
                        long nonce = context.random().nextLong();
                        pings.put(nonce, new Ping(System.nanoTime(), answer));
                        open.sendPing(nonce);
                        Future<?> late = loop.schedule(
                                () -> {
                                    pings.remove(nonce);
                                    answer.complete(new PingAnswer.Unanswered("no answer within " + deadline));
                                },
                                deadline.toMillis(),
                                TimeUnit.MILLISECONDS);
                        answer.whenComplete((done, none) -> late.cancel(false));
                    }
                },
                () -> answer.complete(new PingAnswer.Unanswered("this node is ending")));
        return answer;
    }

    @Override
    public void pong(long nonce) {
        Ping ping = pings.remove(nonce);
        if (ping != null) {
            Duration took = Duration.ofNanos(System.nanoTime() - ping.sentNanos());
            roundTrip = took;
            ping.answer().complete(new PingAnswer.Answered(uid(), took));
        }
    }

    @Override
    public void controlEnded(String reason) {
        if (state == State.ENDED) {
            return;
        }
        if (quic.isOpen()) {
            end(SessionEnd.Kind.PROTOCOL, reason);
        }
    }

    /// Opens a stream to `port` of the peer. Safe for any thread.
    CompletableFuture<StreamAnswer> openStream(int port) {
        CompletableFuture<StreamAnswer> answer = new CompletableFuture<>();
        onLoop(
                () -> openings.open(port, answer),
                () -> answer.complete(new StreamAnswer.Failed(
                        DialAnswer.Failed.of(DialAnswer.Reason.UNAVAILABLE, "this node is ending"))));
        return answer;
    }

    /// Begins a flow of datagrams to `port` of the peer. Safe for any thread.
    CompletableFuture<DatagramFlow.Answer> openFlow(int port, DatagramFlow.Receiver receiver) {
        CompletableFuture<DatagramFlow.Answer> answer = new CompletableFuture<>();
        onLoop(
                () -> answer.complete(
                        state != State.UP
                                ? noFlow(DialAnswer.Reason.ROUTE_LOST, "the session has just ended")
                                : datagrams
                                        .begin(port, receiver)
                                        .<DatagramFlow.Answer>map(DatagramFlow.Answer.Opened::new)
                                        .orElseGet(() -> noFlow(
                                                DialAnswer.Reason.OVERLOADED,
                                                "the peer's node takes no datagrams, or there are as many flows as"
                                                        + " are kept"))),
                () -> answer.complete(noFlow(DialAnswer.Reason.UNAVAILABLE, "this node is ending")));
        return answer;
    }

    private static DatagramFlow.Answer noFlow(DialAnswer.Reason reason, String detail) {
        return new DatagramFlow.Answer.Failed(DialAnswer.Failed.of(reason, detail));
    }

    /// What leads the streams that the peer opens.
    static ChannelHandler incomingStreams() {
        return new IncomingStreamInitializer();
    }

    @ChannelHandler.Sharable
    private static final class IncomingStreamInitializer extends ChannelInitializer<QuicStreamChannel> {
        @Override
        protected void initChannel(QuicStreamChannel stream) {
            PeerSession session = stream.parent().attr(KEY).get();
            if (session == null) {
                stream.close();
                return;
            }
            stream.config().setOption(ChannelOption.AUTO_READ, false);
            new IncomingStream(session, stream, session.context).begin();
        }
    }

    /// Cuts a stream off for both ends at once. Netty keeps the channel of such a stream until the connection ends,
    /// so a session that has had too many of them ends.
    static void reset(QuicStreamChannel stream, int code) {
        if (!stream.isActive()) {
            return;
        }
        stream.shutdown(code);
        stream.close();
        PeerSession session = stream.parent().attr(KEY).get();
        if (session != null && session.resets.incrementAndGet() == MAX_RESETS) {
            session.end(SessionEnd.Kind.PROTOCOL, MAX_RESETS + " streams were reset, the limit of a session");
        }
    }

    void counted(QuicStreamChannel stream) {
        streams.incrementAndGet();
        stream.closeFuture().addListener(closed -> streams.decrementAndGet());
    }

    /// Ends the session and tells the peer. A second end changes nothing. Safe for any thread.
    void end(SessionEnd.Kind kind, String detail) {
        onLoop(() -> endNow(new SessionEnd(kind, detail)), () -> {});
    }

    private void endNow(SessionEnd end) {
        if (state == State.ENDED) {
            return;
        }
        boolean wasUp = state == State.UP;
        state = State.ENDED;
        cancelTimer();
        String reason = end.detail().substring(0, Math.min(end.detail().length(), MAX_REASON));
        quic.close(true, end.kind().code(), ByteBufUtil.writeUtf8(quic.alloc(), reason));
        openings.fail(end.detail());
        datagrams.end();
        pings.values().forEach(ping -> ping.answer().complete(new PingAnswer.Unanswered(end.detail())));
        pings.clear();
        if (wasUp) {
            context.counters().sessionsEnded.increment();
            log.info("session {} with {} ended: {}", uid(), peer().shortHex(), end.detail());
        }
        path.closeTail();
        context.observer().ended(this, end);
    }

    private void connectionClosed() {
        String told = peerReason;
        if (told != null) {
            endNow(new SessionEnd(state == State.UP ? SessionEnd.Kind.PEER_CLOSED : SessionEnd.Kind.REFUSED, told));
        } else if (quic.isTimedOut()) {
            endNow(new SessionEnd(
                    SessionEnd.Kind.TIMEOUT,
                    "nothing was heard from the peer for "
                            + context.settings().idle().toSeconds() + " s"));
        } else {
            endNow(new SessionEnd(SessionEnd.Kind.REFUSED, "the connection is closed"));
        }
    }

    private void cancelTimer() {
        Future<?> pending = timer;
        if (pending != null) {
            pending.cancel(false);
        }
    }

    private void onLoop(Runnable task, Runnable ifEnding) {
        if (loop.inEventLoop()) {
            task.run();
            return;
        }
        try {
            loop.execute(task);
        } catch (RejectedExecutionException ending) {
            ifEnding.run();
        }
    }
}
