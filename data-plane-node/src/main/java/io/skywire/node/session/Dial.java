package io.skywire.node.session;

import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import io.skywire.node.router.EdgeRoute;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/// One attempt to get a session: asks for a route, waits until its rules are here, shakes hands, is accepted. Steps run
/// wherever the step before them ended; the answer is given once, within the deadline.
final class Dial {
    /// The share of the deadline that is kept for the handshake, at most.
    private static final Duration HANDSHAKE_SHARE = Duration.ofSeconds(2);

    private final DialRequest request;
    private final SessionUid uid;
    private final SessionPaths paths;
    private final Overlays overlays;
    private final RouteRequests routes;
    private final SessionContext context;
    private final CompletableFuture<DialAnswer> answer = new CompletableFuture<>();
    private final SessionPath path;
    private final long startedNanos = System.nanoTime();
    private volatile @Nullable RouteSetup setup;
    private volatile @Nullable PeerSession session;
    private volatile long routeReadyNanos;

    Dial(
            DialRequest request,
            SessionUid uid,
            SessionPaths paths,
            Overlays overlays,
            RouteRequests routes,
            SessionContext context) {
        this.request = request;
        this.uid = uid;
        this.paths = paths;
        this.overlays = overlays;
        this.routes = routes;
        this.context = context;
        this.path = paths.claim(request.peer(), uid, RouteEnd.INITIATOR);
    }

    /// Never completes exceptionally.
    CompletableFuture<DialAnswer> start() {
        answer.completeOnTimeout(tooLate(), request.deadline().toMillis(), TimeUnit.MILLISECONDS);
        answer.whenComplete((done, none) -> {
            if (done instanceof DialAnswer.Failed failed) {
                giveUp(failed);
            }
        });
        Duration share = request.deadline().dividedBy(4);
        Duration reserved = share.compareTo(HANDSHAKE_SHARE) < 0 ? share : HANDSHAKE_SHARE;
        routes.request(new RouteRequests.Request(
                        uid, request.peer(), request.path(), request.deadline().minus(reserved)))
                .whenComplete((routed, failure) -> {
                    switch (routed) {
                        case null -> fail(DialAnswer.Reason.UNAVAILABLE, "the route request broke: " + failure);
                        case RouteRequests.Answer.Failed failed ->
                            answer.complete(new DialAnswer.Failed(
                                    DialAnswer.Reason.of(failed.reason()), failed.hop(), failed.detail()));
                        case RouteRequests.Answer.Established established -> established(established);
                    }
                });
        return answer;
    }

    private DialAnswer tooLate() {
        return new DialAnswer.Failed(
                DialAnswer.Reason.DEADLINE,
                OptionalInt.empty(),
                "no session with " + request.peer().shortHex() + " within " + request.deadline());
    }

    private void established(RouteRequests.Answer.Established established) {
        setup = new RouteSetup(
                established.route(),
                established.hops(),
                established.attempts(),
                established.phases(),
                Duration.ofNanos(System.nanoTime() - startedNanos));
        routeReadyNanos = System.nanoTime();
        if (answer.isDone()) {
            routes.close(established.route(), "the dial had ended before its route was there");
            return;
        }
        // The answer may overtake the rules of this node.
        path.choose(established.route()).thenAccept(this::connect);
    }

    private void connect(EdgeRoute route) {
        long others = context.counters().sessionsOpened.sum()
                - context.counters().sessionsEnded.sum();
        OptionalInt size = Overlays.datagramSize(route.maxPayload(), others);
        if (size.isEmpty()) {
            fail(
                    DialAnswer.Reason.SESSION_REFUSED,
                    "the route carries packets of " + route.maxPayload() + " bytes; a session needs 1200");
            return;
        }
        if (answer.isDone()) {
            return;
        }
        Overlay parent = overlays.channel(RouteEnd.INITIATOR, size.getAsInt());
        path.carriedBy(parent);
        QuicChannel.newBootstrap(parent)
                .localAddress(path.local())
                .remoteAddress(path.remote())
                .attr(SessionPath.KEY, path)
                .option(
                        ChannelOption.CONNECT_TIMEOUT_MILLIS,
                        Math.toIntExact(context.settings().handshake().toMillis()))
                .handler(new ChannelInitializer<QuicChannel>() {
                    @Override
                    protected void initChannel(QuicChannel quic) {
                        begin(quic);
                    }
                })
                .streamHandler(PeerSession.incomingStreams())
                .connect()
                .addListener((Future<QuicChannel> connected) -> {
                    if (!connected.isSuccess()) {
                        connectFailed(connected.cause());
                    }
                });
    }

    private void begin(QuicChannel quic) {
        PeerSession begun = new PeerSession(path, quic, context);
        RouteSetup facts = setup;
        if (facts != null) {
            begun.routeSetup(facts);
        }
        session = begun;
        path.occupy(begun);
        quic.attr(PeerSession.KEY).set(begun);
        quic.pipeline().addLast(begun.handler());
        if (answer.isDone()) {
            begun.end(SessionEnd.Kind.HUNG_UP, "the dial was given up");
        }
    }

    private void connectFailed(Throwable cause) {
        PeerSession begun = session;
        if (begun == null) {
            fail(DialAnswer.Reason.SESSION_REFUSED, "no connection: " + cause.getMessage());
        } else if (cause instanceof SSLHandshakeException) {
            begun.end(
                    SessionEnd.Kind.REFUSED,
                    "the other end of the route did not prove key "
                            + request.peer().hex());
        } else {
            begun.end(SessionEnd.Kind.TIMEOUT, "the peer did not answer: " + cause.getMessage());
        }
    }

    RouteRequests.Path wish() {
        return request.path();
    }

    /// Whether the control plane has said which route it is. Before that, routes come and go with the plans it tries,
    /// and its answer says how that ended.
    boolean hasRoute() {
        return setup != null;
    }

    /// The session is up. False if that was too late.
    boolean up(PeerSession up) {
        RouteSetup facts = setup;
        return facts != null
                && answer.complete(new DialAnswer.Connected(
                        up.view(), facts, Duration.ofNanos(System.nanoTime() - routeReadyNanos)));
    }

    /// The session ended before it was up.
    void ended(SessionEnd end) {
        DialAnswer.Reason reason = switch (end.kind()) {
            case HUNG_UP -> DialAnswer.Reason.UNAVAILABLE;
            case PEER_CLOSED, PROTOCOL, REFUSED -> DialAnswer.Reason.SESSION_REFUSED;
            case TIMEOUT -> DialAnswer.Reason.SESSION_TIMEOUT;
            case ROUTE_LOST -> DialAnswer.Reason.ROUTE_LOST;
        };
        fail(reason, end.detail());
    }

    void fail(DialAnswer.Reason reason, String detail) {
        answer.complete(DialAnswer.Failed.of(reason, detail));
    }

    private void giveUp(DialAnswer.Failed failed) {
        context.counters().dialsFailed.increment();
        PeerSession begun = session;
        if (begun != null) {
            begun.end(SessionEnd.Kind.HUNG_UP, failed.detail());
        }
        paths.forget(path);
        RouteSetup facts = setup;
        if (facts != null) {
            RouteUid route = facts.route();
            routes.close(route, "no session came of it: " + failed.detail());
        }
    }
}
