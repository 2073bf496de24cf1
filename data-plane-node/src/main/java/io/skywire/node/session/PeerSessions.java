package io.skywire.node.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.skywire.node.router.EdgeRoute;
import io.skywire.node.router.RouteEnds;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import io.skywire.shared.transport.TransportId;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sessions of a node: dials peers, lets peers in, opens streams, measures round trips. Safe for any thread; never
/// blocks. Answers come on event loops, within their deadlines, and never exceptionally.
///
/// As [RouteEnds] it hears of the node's routes and gets their payloads.
public final class PeerSessions implements RouteEnds {
    private static final Logger log = LoggerFactory.getLogger(PeerSessions.class);
    private static final Duration PING_DEADLINE = Duration.ofSeconds(5);

    private final PublicKey self;
    private final RouteRequests routes;
    private final SessionSettings settings;
    private final SecureRandom random;
    private final Counters counters = new Counters();
    private final DatagramCounts datagramCounts = new DatagramCounts();
    private final SessionPaths paths;
    private final SessionTls tls;
    private final SessionContext context;
    private final Overlays overlays;
    private final Semaphore sessionSlots;
    private final Semaphore handshakeSlots;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ConcurrentHashMap<SessionUid, Dial> dials = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<PublicKey, CompletableFuture<DialAnswer>> defaultDials = new ConcurrentHashMap<>();
    /// Live sessions by peer, the newest last.
    private final ConcurrentHashMap<PublicKey, List<PeerSession>> live = new ConcurrentHashMap<>();

    /// Takes no datagrams of peers.
    ///
    /// @param group the event loops that sessions live on; theirs to shut down is the caller's
    public PeerSessions(
            KeyPair node,
            EventLoopGroup group,
            RouteRequests routes,
            IncomingStreams incoming,
            SessionSettings settings,
            InstantSource clock,
            SecureRandom random) {
        this(node, group, routes, incoming, IncomingDatagrams.none(), settings, clock, random);
    }

    /// @param group the event loops that sessions live on; theirs to shut down is the caller's
    public PeerSessions(
            KeyPair node,
            EventLoopGroup group,
            RouteRequests routes,
            IncomingStreams incoming,
            IncomingDatagrams incomingDatagrams,
            SessionSettings settings,
            InstantSource clock,
            SecureRandom random) {
        this(
                node,
                group,
                routes,
                incoming,
                incomingDatagrams,
                settings,
                clock,
                random,
                NodeCertificate.create(node, random));
    }

    PeerSessions(
            KeyPair node,
            EventLoopGroup group,
            RouteRequests routes,
            IncomingStreams incoming,
            SessionSettings settings,
            InstantSource clock,
            SecureRandom random,
            NodeCertificate certificate) {
        this(node, group, routes, incoming, IncomingDatagrams.none(), settings, clock, random, certificate);
    }

    private PeerSessions(
            KeyPair node,
            EventLoopGroup group,
            RouteRequests routes,
            IncomingStreams incoming,
            IncomingDatagrams incomingDatagrams,
            SessionSettings settings,
            InstantSource clock,
            SecureRandom random,
            NodeCertificate certificate) {
        this.self = node.publicKey();
        this.routes = routes;
        this.settings = settings;
        this.random = random;
        this.paths = new SessionPaths(self);
        this.tls = new SessionTls(certificate);
        this.context = new SessionContext(
                settings, counters, datagramCounts, incoming, incomingDatagrams, clock, random, new Observer());
        this.sessionSlots = new Semaphore(settings.sessions());
        this.handshakeSlots = new Semaphore(settings.pendingHandshakes());
        this.overlays = new Overlays(
                group,
                paths,
                settings,
                counters,
                this::clientEngine,
                this::serverEngine,
                new IncomingConnections(),
                PeerSession.incomingStreams());
    }

    /// Asks for a new session. Dials by the default path to one peer at the same time share one.
    public CompletionStage<DialAnswer> dial(DialRequest request) {
        if (!request.path().equals(RouteRequests.Path.Any.ROUTE)) {
            return dialAlone(request);
        }
        CompletableFuture<DialAnswer> fresh = new CompletableFuture<>();
        CompletableFuture<DialAnswer> running = defaultDials.putIfAbsent(request.peer(), fresh);
        if (running != null) {
            return join(running, request);
        }
        dialAlone(request).whenComplete((answer, none) -> {
            defaultDials.remove(request.peer(), fresh);
            fresh.complete(answer);
        });
        return fresh;
    }

    private static CompletionStage<DialAnswer> join(CompletableFuture<DialAnswer> running, DialRequest request) {
        return running.copy()
                .completeOnTimeout(
                        DialAnswer.Failed.of(DialAnswer.Reason.DEADLINE, "no session within " + request.deadline()),
                        request.deadline().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private CompletableFuture<DialAnswer> dialAlone(DialRequest request) {
        if (closed.get()) {
            return failed(DialAnswer.Reason.UNAVAILABLE, "this node is ending");
        }
        if (request.peer().equals(self)) {
            return failed(DialAnswer.Reason.INVALID_PATH, "that is this node's own key; use the local port directly");
        }
        if (!sessionSlots.tryAcquire()) {
            return failed(
                    DialAnswer.Reason.OVERLOADED, "this node has " + settings.sessions() + " sessions, its limit");
        }
        SessionUid uid = SessionUid.random(random);
        Dial dial = new Dial(request, uid, paths, overlays, routes, context);
        dials.put(uid, dial);
        // The place is free again before the caller hears of the failure.
        return dial.start().thenApply(answer -> {
            dials.remove(uid);
            if (answer instanceof DialAnswer.Failed) {
                sessionSlots.release();
            }
            return answer;
        });
    }

    private static CompletableFuture<DialAnswer> failed(DialAnswer.Reason reason, String detail) {
        return CompletableFuture.completedFuture(DialAnswer.Failed.of(reason, detail));
    }

    /// Opens a stream to `port` (1 to 65535) of `peer` in the newest session with it, or in a new one by the default
    /// path.
    public CompletionStage<StreamAnswer> openStream(PublicKey peer, int port) {
        return inSession(peer, port, session -> session.openStream(port), StreamAnswer.Failed::new);
    }

    /// Begins a flow of datagrams to `port` (1 to 65535) of `peer` in the newest session with it, or in a new one by
    /// the default path.
    public CompletionStage<DatagramFlow.Answer> openFlow(PublicKey peer, int port, DatagramFlow.Receiver receiver) {
        return inSession(peer, port, session -> session.openFlow(port, receiver), DatagramFlow.Answer.Failed::new);
    }

    private <A> CompletionStage<A> inSession(
            PublicKey peer,
            int port,
            Function<PeerSession, CompletableFuture<A>> open,
            Function<DialAnswer.Failed, A> failed) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a port lies between 1 and 65535, not " + port);
        }
        // Looked at first: a dial is over only after its session is live, so it is seen here or there.
        CompletableFuture<DialAnswer> running = defaultDials.get(peer);
        PeerSession session = newest(peer);
        if (session != null) {
            return open.apply(session);
        }
        DialRequest request = new DialRequest(peer, RouteRequests.Path.Any.ROUTE, settings.dial());
        return (running == null ? dial(request) : join(running, request)).thenCompose(answer -> switch (answer) {
            case DialAnswer.Connected connected ->
                find(connected.session())
                        .map(open)
                        .orElseGet(() -> CompletableFuture.completedFuture(failed.apply(DialAnswer.Failed.of(
                                DialAnswer.Reason.ROUTE_LOST, "the session ended as soon as it was up"))));
            case DialAnswer.Failed failure -> CompletableFuture.completedFuture(failed.apply(failure));
        });
    }

    private Optional<PeerSession> find(SessionView view) {
        return live.getOrDefault(view.peer(), List.of()).stream()
                .filter(session -> session.uid().equals(view.session()))
                .findFirst();
    }

    private @Nullable PeerSession newest(PublicKey peer) {
        List<PeerSession> sessions = live.getOrDefault(peer, List.of());
        return sessions.isEmpty() ? null : sessions.getLast();
    }

    /// Ends all sessions with the peer, tells it, and gives their routes back.
    public void hangUp(PublicKey peer) {
        for (PeerSession session : live.getOrDefault(peer, List.of())) {
            List<RouteUid> used = session.path().routeUids();
            session.end(SessionEnd.Kind.HUNG_UP, "the other end hung up");
            if (session.path().end() == RouteEnd.RESPONDER) {
                used.forEach(route -> routes.close(route, "the responder hung up"));
            }
        }
    }

    /// Looks for a route around `avoided` for the session that uses `leaving` and was dialled from here. Once data
    /// passes through it the session goes on there, and the old route is given back; the streams notice nothing but
    /// what QUIC repairs. What fails leaves all as it was. A second call meanwhile does nothing.
    public void reroute(RouteUid leaving, Set<TransportId> avoided) {
        SessionPath path = paths.of(leaving);
        SessionRoutes keeper = path == null ? null : path.keeper();
        if (keeper != null) {
            keeper.leave(leaving); // if it only stands by
        }
        EdgeRoute used = path == null ? null : path.current();
        PeerSession session = path == null ? null : path.occupant();
        if (path == null
                || session == null
                || used == null
                || !used.route().equals(leaving)
                || path.end() != RouteEnd.INITIATOR
                || closed.get()
                || !path.move()) {
            return;
        }
        RouteRequests.Path around = RouteRequests.Path.Any.around(avoided);
        routes.request(new RouteRequests.Request(path.session(), path.peer(), around, settings.dial()))
                .whenComplete((answer, failure) -> {
                    if (answer instanceof RouteRequests.Answer.Established established) {
                        moveTo(established.route(), leaving, path, used.maxPayload());
                    } else {
                        log.debug("no other route for session {}: {}", path.session(), answer);
                        path.moved();
                    }
                });
    }

    /// The answer may overtake the rules of this node.
    private void moveTo(RouteUid next, RouteUid leaving, SessionPath path, int maxPayload) {
        path.choose(next)
                .orTimeout(settings.dial().toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((route, late) -> {
                    path.waitNoLonger(next);
                    path.moved();
                    SessionRoutes keeper = path.keeper();
                    boolean carries = route != null && route.maxPayload() >= maxPayload;
                    if (carries && keeper != null) {
                        keeper.moved(leaving, next);
                    } else if (carries && path.prefer(next)) {
                        routes.close(leaving, "its session has another route");
                    } else {
                        routes.close(next, "its session does not need it");
                    }
                });
    }

    /// One round trip over the newest session with the peer; dials nobody.
    public CompletionStage<PingAnswer> ping(PublicKey peer) {
        PeerSession session = newest(peer);
        return session == null
                ? CompletableFuture.completedFuture(
                        new PingAnswer.Unanswered("there is no session with " + peer.shortHex()))
                : session.ping(PING_DEADLINE);
    }

    /// Every live session.
    public List<SessionView> sessions() {
        return live.values().stream()
                .flatMap(List::stream)
                .map(PeerSession::view)
                .toList();
    }

    public SessionCounters counters() {
        return counters.snapshot();
    }

    /// The datagrams of applications in all sessions.
    public DatagramCounts datagramCounts() {
        return datagramCounts;
    }

    /// Ends every session and dial. Completes when the channels are closed, after `grace` at the latest.
    public CompletionStage<Void> close(Duration grace) {
        if (!closed.compareAndSet(false, true)) {
            return CompletableFuture.completedFuture(null);
        }
        dials.values().forEach(dial -> dial.fail(DialAnswer.Reason.UNAVAILABLE, "this node is ending"));
        live.values()
                .forEach(sessions ->
                        sessions.forEach(session -> session.end(SessionEnd.Kind.HUNG_UP, "the other node is ending")));
        CompletableFuture<?>[] closing =
                overlays.close().stream().map(PeerSessions::stage).toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(closing).completeOnTimeout(null, grace.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static CompletableFuture<Void> stage(ChannelFuture future) {
        CompletableFuture<Void> stage = new CompletableFuture<>();
        future.addListener(done -> stage.complete(null));
        return stage;
    }

    @Override
    public void opened(EdgeRoute route) {
        SessionPath path = switch (route.end()) {
            case INITIATOR -> paths.find(route.peer(), route.session(), RouteEnd.INITIATOR);
            case RESPONDER -> answering(route);
        };
        if (path == null) {
            log.debug("route {} belongs to no session", route.route());
            if (route.end() == RouteEnd.INITIATOR) {
                // A dial that was given up, or from before a restart.
                routes.close(route.route(), "no session waits for it");
            }
            return;
        }
        paths.lead(route.route(), path);
        path.add(route);
    }

    private @Nullable SessionPath answering(EdgeRoute route) {
        OptionalInt size = Overlays.datagramSize(route.maxPayload());
        if (closed.get() || size.isEmpty()) {
            return null;
        }
        SessionPath path = paths.claim(route.peer(), route.session(), RouteEnd.RESPONDER);
        if (path.overlay() == null) {
            path.carriedBy(overlays.channel(RouteEnd.RESPONDER, size.getAsInt()));
        }
        return path;
    }

    @Override
    public void closed(EdgeRoute route, String reason) {
        SessionPath path = paths.forget(route.route());
        if (path == null) {
            return;
        }
        boolean isLast = path.remove(route.route());
        SessionRoutes keeper = path.keeper();
        if (keeper != null) {
            keeper.closed(route.route(), reason);
            return;
        }
        if (!isLast) {
            return;
        }
        PeerSession session = path.occupant();
        if (session != null && path.end() == RouteEnd.RESPONDER && settings.standby() != SessionSettings.Standby.NONE) {
            awaitAnother(session, reason);
            return;
        }
        Dial dial = dials.get(path.session());
        if (dial != null && !dial.hasRoute()) {
            return;
        }
        paths.forget(path);
        if (dial != null) {
            dial.fail(DialAnswer.Reason.ROUTE_LOST, "the route closed: " + reason);
        }
        if (session != null) {
            session.end(SessionEnd.Kind.ROUTE_LOST, "its route closed: " + reason);
        }
    }

    /// The initiator may have another route soon: its session waits for it without one.
    private void awaitAnother(PeerSession session, String reason) {
        SessionPath path = session.path();
        try {
            var unused = session.loop()
                    .schedule(
                            () -> {
                                if (path.current() == null) {
                                    paths.forget(path);
                                    session.end(SessionEnd.Kind.ROUTE_LOST, "its route closed: " + reason);
                                }
                            },
                            StandbyPolicy.WITHOUT_ROUTE.toMillis(),
                            TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException ending) {
            log.debug("this node is ending; session {} waits for no route", session.uid());
        }
    }

    @Override
    public void broken(EdgeRoute route) {
        SessionPath path = paths.of(route.route());
        SessionRoutes keeper = path == null ? null : path.keeper();
        Spread spread = path == null ? null : path.spread();
        if (spread != null) {
            spread.broken(route.route());
        }
        if (keeper != null) {
            keeper.broken(route.route());
        } else if (path != null && path.end() == RouteEnd.RESPONDER && path.avoid(route.route())) {
            PeerSession session = path.occupant();
            if (session != null) {
                session.rerouted();
            }
        }
    }

    @Override
    public void replied(EdgeRoute route, long number) {
        SessionPath path = paths.of(route.route());
        Spread spread = path == null ? null : path.spread();
        if (spread != null && spread.replied(route.route(), number)) {
            return;
        }
        SessionRoutes keeper = path == null ? null : path.keeper();
        if (keeper != null) {
            keeper.replied(route.route(), number);
        }
    }

    @Override
    public void payload(EdgeRoute route, ByteBuf payload) {
        SessionPath path = paths.of(route.route());
        Overlay overlay = path == null ? null : path.overlay();
        if (path == null || overlay == null) {
            payload.release();
            counters.droppedUnknown.increment();
            return;
        }
        if (payload.isReadable() ? path.heard(route) : path.told(route)) {
            PeerSession session = path.occupant();
            if (session != null) {
                session.rerouted();
            }
        }
        if (!payload.isReadable()) {
            payload.release(); // it only says which route is in use
            return;
        }
        DatagramPacket datagram = new DatagramPacket(payload, path.local(), path.remote());
        overlay.inbox().receive(new Inbox.Arrival(overlay, path.turn(), datagram));
    }

    @Override
    public void endOfRead() {
        overlays.endOfRead();
    }

    private QuicSslEngine clientEngine(QuicChannel channel) {
        SessionPath path = channel.attr(SessionPath.KEY).get();
        return tls.dialling(path.peer(), channel);
    }

    /// @throws IllegalStateException if the connection is not wanted; QUIC's codec drops the datagram then
    private QuicSslEngine serverEngine(QuicChannel channel) {
        SocketAddress remote = channel.remoteSocketAddress();
        SessionPath path = remote instanceof InetSocketAddress address ? paths.to(address) : null;
        if (path == null || path.occupant() != null || handshakeSlots.availablePermits() == 0) {
            counters.sessionsRefused.increment();
            throw new IllegalStateException("no room for this connection");
        }
        channel.attr(SessionPath.KEY).set(path);
        return tls.answering(path.peer(), channel);
    }

    @ChannelHandler.Sharable
    private final class IncomingConnections extends ChannelInitializer<QuicChannel> {
        @Override
        protected void initChannel(QuicChannel quic) {
            SessionPath path = quic.attr(SessionPath.KEY).get();
            if (path == null || !handshakeSlots.tryAcquire()) {
                quic.close();
                return;
            }
            PeerSession session = new PeerSession(path, quic, context);
            if (!path.occupy(session)) {
                handshakeSlots.release();
                quic.close();
                return;
            }
            quic.attr(PeerSession.KEY).set(session);
            quic.pipeline().addLast(session.handler());
        }
    }

    private final class Observer implements SessionContext.Observer {
        @Override
        public boolean admits(PeerSession session) {
            return !closed.get() && sessionSlots.tryAcquire();
        }

        @Override
        public void up(PeerSession session) {
            live.merge(session.peer(), List.of(session), PeerSessions::joined);
            switch (settings.standby()) {
                case USED -> spread(session);
                case KEPT, NONE -> {}
            }
            switch (session.path().end()) {
                case RESPONDER -> handshakeSlots.release();
                case INITIATOR -> {
                    Dial dial = dials.get(session.uid());
                    if (dial == null || !dial.up(session)) {
                        // The dial has failed already and given its slot back.
                        forgetLive(session);
                        session.end(SessionEnd.Kind.HUNG_UP, "the dial was given up");
                    } else if (settings.standby() != SessionSettings.Standby.NONE) {
                        lookAfter(session, dial.wish());
                    }
                }
            }
        }

        private void spread(PeerSession session) {
            SessionPath path = session.path();
            Overlay overlay = path.overlay();
            if (overlay != null) {
                Spread spread = new Spread(path, session.loop(), overlay.datagramSize(), random.nextLong());
                path.spreadBy(spread);
                spread.start();
            }
        }

        private void lookAfter(PeerSession session, RouteRequests.Path wish) {
            EdgeRoute used = session.path().current();
            if (used != null) {
                SessionRoutes keeper = new SessionRoutes(session, used.route(), routes, wish, context);
                session.path().keptBy(keeper);
                keeper.start();
            }
        }

        @Override
        public void ended(PeerSession session, SessionEnd end) {
            boolean wasLive = forgetLive(session);
            SessionPath path = session.path();
            path.leave(session);
            Spread spread = path.spread();
            if (spread != null) {
                spread.stop();
            }
            SessionRoutes keeper = path.keeper();
            if (keeper != null) {
                keeper.stop();
            }
            switch (path.end()) {
                case RESPONDER -> {
                    if (wasLive) {
                        sessionSlots.release();
                    } else {
                        handshakeSlots.release();
                        counters.sessionsRefused.increment();
                    }
                    if (path.current() == null) {
                        paths.forget(path);
                    }
                }
                case INITIATOR -> endedInitiator(session, end, wasLive);
            }
        }

        private void endedInitiator(PeerSession session, SessionEnd end, boolean wasLive) {
            SessionPath path = session.path();
            Dial dial = dials.get(session.uid());
            if (dial != null) {
                dial.ended(end);
            } else if (wasLive) {
                sessionSlots.release();
                List<RouteUid> used = path.routeUids();
                paths.forget(path);
                used.forEach(route -> routes.close(route, "its session ended: " + end.detail()));
            }
        }
    }

    private boolean forgetLive(PeerSession session) {
        boolean[] known = new boolean[1];
        live.computeIfPresent(session.peer(), (peer, sessions) -> {
            List<PeerSession> left =
                    sessions.stream().filter(other -> other != session).toList();
            known[0] = left.size() < sessions.size();
            return left.isEmpty() ? null : left;
        });
        return known[0];
    }

    private static List<PeerSession> joined(List<PeerSession> old, List<PeerSession> more) {
        return Stream.concat(old.stream(), more.stream()).toList();
    }
}
