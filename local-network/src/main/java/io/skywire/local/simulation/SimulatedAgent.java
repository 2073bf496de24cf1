package io.skywire.local.simulation;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.AgentSessionsGrpc;
import io.skywire.proto.v1.BucketReport;
import io.skywire.proto.v1.Challenge;
import io.skywire.proto.v1.ControlMessage;
import io.skywire.proto.v1.Heartbeat;
import io.skywire.proto.v1.Hello;
import io.skywire.proto.v1.LinkState;
import io.skywire.proto.v1.Proof;
import io.skywire.proto.v1.PushedDelta;
import io.skywire.proto.v1.ReportKind;
import io.skywire.proto.v1.RoutePair;
import io.skywire.proto.v1.RoutesAnswer;
import io.skywire.proto.v1.RoutesQuestion;
import io.skywire.proto.v1.SetupRequest;
import io.skywire.proto.v1.SetupResult;
import io.skywire.proto.v1.TransportReport;
import io.skywire.proto.v1.TransportView;
import io.skywire.proto.v1.ViewAnswer;
import io.skywire.proto.v1.Welcome;
import io.skywire.shared.auth.BackOff;
import io.skywire.shared.auth.SessionProof;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.transport.HeldTransport;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportProtos;
import io.skywire.shared.transport.ViewDigest;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A node as the control plane sees it. Dials, proves its key, tells its links, obeys signed rules, beats; when the
/// session ends it dials again by [BackOff]. Safe for any thread.
///
/// | state | leaves it |
/// |---|---|
/// | AWAY | the back-off is over → DIALLING |
/// | DIALLING | Challenge checked, Proof sent, Welcome received → PROVEN; the stream ends or 30 s without → AWAY |
/// | PROVEN | both sides hold the same → AGREED; the stream ends → AWAY |
/// | AGREED | the stream ends → AWAY |
/// | PROVEN, AGREED | Drain: dials another control plane beside this session, whose Welcome replaces it |
/// | GONE | never: it has vanished |
public final class SimulatedAgent {
    private static final int PAYLOAD = 16_384;
    private static final int ROUND_TRIP_MICROS = 1_000;
    /// From dialling to the challenge, and again from the proof to the welcome: the real agent's.
    private static final Duration HANDSHAKE = Duration.ofSeconds(30);
    private static final int MOST_RESTARTS = 2;

    /// How a session ended that another one replaced, because its control plane asked for that.
    static final Status MOVED = Status.OK.withDescription("moved");

    private final SwarmParts parts;
    private final KeyPair keys;
    private final List<InetSocketAddress> controls;
    private @Nullable InetSocketAddress left;
    private final @Nullable Wire wire;
    private final ReentrantLock lock = new ReentrantLock();

    // All under the lock.
    private final Map<TransportId, SignedTransport> held = new LinkedHashMap<>();
    private final Map<ByteString, CompletableFuture<RoutesAnswer>> questions = new HashMap<>();
    private final RuleBook rules;
    private final AgentRoutes routes;
    private final LongAdder told = new LongAdder();
    private Duration slowest = Duration.ZERO;
    private State state = State.AWAY;
    private BackOff backOff = BackOff.first(BackOff.FIRST, BackOff.LONGEST);
    private boolean toldBefore;
    private long provenAt;
    private @Nullable Session session;
    private @Nullable Session moving; // opens beside `session`
    private boolean leaving;
    private int restarts;
    private @Nullable Future<?> heartbeats;
    private final Whereabouts whereabouts = new Whereabouts();

    /// Where an agent stands.
    public enum State {
        AWAY,
        DIALLING,
        PROVEN,
        AGREED,
        GONE
    }

    /// How an agent goes without a goodbye.
    public enum Vanishing {
        /// Nothing is heard any more, and the connection stays.
        SILENTLY,
        /// The connection is reset.
        CUT
    }

    SimulatedAgent(SwarmParts parts, KeyPair keys, @Nullable Wire wire) {
        this.parts = parts;
        this.keys = keys;
        this.wire = wire;
        this.controls = wire == null ? parts.controls() : List.of(wire.address());
        this.rules = new RuleBook(keys.publicKey(), Set.of(parts.setupKey()));
        this.routes = new AgentRoutes(this, parts, this::sendIfProven);
    }

    public PublicKey key() {
        return keys.publicKey();
    }

    KeyPair keys() {
        return keys;
    }

    public State state() {
        lock.lock();
        try {
            return state;
        } finally {
            lock.unlock();
        }
    }

    /// What became of its sessions since then, in order: for people.
    public List<String> sessionsSince(Instant then) {
        lock.lock();
        try {
            return whereabouts.since(then);
        } finally {
            lock.unlock();
        }
    }

    // --- links

    /// Holds a link before anybody is dialled.
    void begin(SignedTransport link) {
        held.put(link.id(), link);
    }

    /// The link is up, as this end sees it.
    public void hold(SignedTransport link) {
        withLock(() -> {
            held.put(link.id(), link);
            change(link, LinkState.LINK_STATE_UP);
        });
    }

    /// The link is down, as this end sees it.
    public void lose(SignedTransport link) {
        withLock(() -> {
            held.remove(link.id());
            change(link, LinkState.LINK_STATE_DOWN);
        });
    }

    private void change(SignedTransport link, LinkState linkState) {
        if (state == State.PROVEN || state == State.AGREED) {
            parts.counting().registrations.increment();
            send(AgentMessage.newBuilder()
                    .setTransports(TransportReport.newBuilder()
                            .setKind(ReportKind.REPORT_KIND_CHANGES)
                            .addViews(view(link, linkState))));
        }
    }

    /// Asks for the route between two nodes. Fails if there is no session, or when it ends before the answer.
    public CompletableFuture<RoutesAnswer> ask(PublicKey from, PublicKey to) {
        CompletableFuture<RoutesAnswer> answer = new CompletableFuture<>();
        withLock(() -> {
            if (state != State.AGREED) {
                answer.completeExceptionally(new IllegalStateException("the agent is " + state));
                return;
            }
            byte[] id = new byte[16];
            parts.random().nextBytes(id);
            questions.put(ByteString.copyFrom(id), answer);
            send(AgentMessage.newBuilder()
                    .setRoutes(RoutesQuestion.newBuilder()
                            .setQuestionId(ByteString.copyFrom(id))
                            .addPairs(RoutePair.newBuilder()
                                    .setFrom(ByteString.copyFrom(from.bytes()))
                                    .setTo(ByteString.copyFrom(to.bytes())))));
        });
        return answer;
    }

    private void answered(RoutesAnswer answer) {
        CompletableFuture<RoutesAnswer> asked = questions.remove(answer.getQuestionId());
        if (asked != null) {
            asked.complete(answer);
        }
    }

    // --- routes

    /// From now on deltas are applied and answered after a random time of at most `most`.
    public void answerAfter(Duration most) {
        withLock(() -> slowest = most);
    }

    /// Asks for a route, again under the same id in every new session and when the control plane says that it cannot
    /// work now, until the deadline. Completes normally in any case.
    public CompletableFuture<SetupResult> setUp(SetupRequest request) {
        return routes.ask(request);
    }

    /// As [#setUp(SetupRequest)], for any route.
    public CompletableFuture<SetupResult> setUp(PublicKey destination, Duration deadline) {
        return routes.ask(destination, deadline);
    }

    /// As [#setUp(SetupRequest)], for any route, within 10 s; with the time it took.
    public CompletableFuture<RouteOfAgents> setUp(PublicKey destination) {
        return routes.ask(destination);
    }

    /// Closes a route that it has asked for.
    public void closeRoute(ByteString route) {
        routes.close(route);
    }

    /// The rule of this agent's table for that key.
    Optional<Rule> rule(RuleKey key) {
        return rules.find(key);
    }

    /// All rules in its table.
    public List<Rule> rules() {
        return rules.rules();
    }

    public boolean holdsRules() {
        return !rules.isEmpty();
    }

    /// Messages of control planes to this agent so far, answers to its own requests not counted.
    public long told() {
        return told.sum();
    }

    private void obey(Session from, PushedDelta pushed) {
        if (slowest.isZero()) {
            apply(from, pushed);
        } else {
            var unused = parts.timers()
                    .schedule(
                            () -> withLock(() -> apply(from, pushed)),
                            parts.random().nextLong(slowest.toMillis() + 1),
                            TimeUnit.MILLISECONDS);
        }
    }

    private void apply(Session from, PushedDelta pushed) {
        if (from != session) {
            return;
        }
        restartMoving();
        RuleBook.Answer answer = rules.answer(pushed);
        send(answer.message());
        if (!answer.held().isEmpty()) {
            parts.applied().get().applied(key(), rules.revision());
        }
        routes.holds(answer.held());
    }

    private boolean sendIfProven(AgentMessage.Builder message) {
        lock.lock();
        try {
            boolean heard = state == State.PROVEN || state == State.AGREED;
            if (heard) {
                send(message);
            }
            return heard;
        } finally {
            lock.unlock();
        }
    }

    private static TransportView view(SignedTransport link, LinkState linkState) {
        return TransportView.newBuilder()
                .setTransport(TransportProtos.toProto(link))
                .setState(linkState)
                .setRttUs(ROUND_TRIP_MICROS)
                .setMaxPayload(PAYLOAD)
                .build();
    }

    // --- the session

    /// Dials after `pause`.
    void dialAfter(Duration pause) {
        var unused = parts.timers().schedule(() -> withLock(this::dial), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void dial() {
        if (state != State.AWAY) {
            return;
        }
        state = State.DIALLING;
        Session opened = new Session();
        session = opened;
        opened.open();
        expect(opened, "challenge", HANDSHAKE);
    }

    private void expect(Session from, String next, Duration patience) {
        if (from.deadline != null) {
            from.deadline.cancel(false);
        }
        from.deadline = parts.timers()
                .schedule(
                        () -> withLock(() -> {
                            if (moving == from || session == from && state == State.DIALLING) {
                                over(from, Status.DEADLINE_EXCEEDED.withDescription("no " + next + " in " + patience));
                            }
                        }),
                        patience.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private void received(Session from, ControlMessage message) {
        if (from != session && from != moving) {
            return;
        }
        if (!from.heard) {
            from.heard = true;
            parts.counting().opens.increment();
        }
        if (!message.hasSetup() && !message.hasRoutes()) {
            told.increment();
        }
        switch (message.getBodyCase()) {
            case CHALLENGE -> prove(from, message.getChallenge());
            case WELCOME -> {
                replaceBy(from);
                welcomed(message.getWelcome());
            }
            case VIEW -> compared(message.getView());
            case DELTA -> obey(from, message.getDelta());
            case DRAIN -> leave(from);
            case ROUTES -> answered(message.getRoutes());
            case SETUP -> routes.answered(message.getSetup());
            case REGISTRATION, BODY_NOT_SET -> {}
        }
    }

    private void prove(Session from, Challenge challenge) {
        PublicKey service = parts.serviceKey();
        byte[] theirs = challenge.getNonce().toByteArray();
        boolean proven = challenge.getServiceKey().equals(ByteString.copyFrom(service.bytes()))
                && service.verifies(
                        Signature.of(challenge.getSignature().toByteArray()),
                        SessionProof.ofControlPlane(from.nonce, theirs, key()));
        if (!proven) {
            over(from, Status.UNAUTHENTICATED.withDescription("the control plane has not proved its key"));
            return;
        }
        Signature proof = keys.sign(SessionProof.ofAgent(theirs, from.nonce, service));
        from.proved = true;
        whereabouts.note(from.control, "has proved its key at");
        send(
                from,
                AgentMessage.newBuilder()
                        .setProof(Proof.newBuilder().setSignature(ByteString.copyFrom(proof.bytes()))));
    }

    // --- moving to another control plane

    private void leave(Session from) {
        if (from == moving) {
            over(from, Status.OK.withDescription("drained"));
        } else if (!leaving) {
            leaving = true;
            restarts = 0;
            left = from.control;
            whereabouts.note(from.control, "asked to leave");
            move();
        }
    }

    private void move() {
        if (leaving && session != null && moving == null && state != State.GONE) {
            Session opened = new Session();
            moving = opened;
            opened.open();
            expect(opened, "challenge", HANDSHAKE);
        }
    }

    private void moveAgain() {
        moving = null;
        var unused = parts.timers()
                .schedule(
                        () -> withLock(this::move),
                        backOff.pause(parts.random()).toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /// Its revision is old as soon as the session beside it has brought a delta; once proved it stays all the same, and
    /// after two new beginnings too.
    private void restartMoving() {
        Session opened = moving;
        if (opened != null && !opened.proved && restarts < MOST_RESTARTS) {
            restarts++;
            whereabouts.note(opened.control, "begins again to move to");
            opened.close();
            moveAgain();
        }
    }

    private void replaceBy(Session welcomed) {
        if (welcomed == moving) {
            parts.counting().ended(MOVED, true);
            drop();
            session = welcomed;
            moving = null;
        }
        leaving = false;
    }

    private void welcomed(Welcome welcome) {
        state = State.PROVEN;
        if (session != null) {
            whereabouts.note(session.control, "is welcome at");
        }
        provenAt = System.nanoTime();
        parts.counting().registrations.increment();
        if (toldBefore && welcome.getTakesDigests()) {
            ViewDigest digest = ViewDigest.of(held.keySet().stream()
                    .map(id -> new HeldTransport(id, ROUND_TRIP_MICROS, PAYLOAD))
                    .toList());
            send(AgentMessage.newBuilder()
                    .setViewDigest(io.skywire.proto.v1.ViewDigest.newBuilder()
                            .setCount(digest.count())
                            .setBucketBits(digest.bits())
                            .setBuckets(ByteString.copyFrom(digest.buckets()))));
        } else {
            TransportReport.Builder whole = TransportReport.newBuilder().setKind(ReportKind.REPORT_KIND_WHOLE_VIEW);
            held.values().forEach(link -> whole.addViews(view(link, LinkState.LINK_STATE_UP)));
            send(AgentMessage.newBuilder().setTransports(whole));
            toldBefore = true;
            // Nothing answers a whole view: what is stored is asked of the discovery itself.
            state = State.AGREED;
        }
        routes.askAgain();
        long pause = Math.max(100, welcome.getHeartbeatMs());
        heartbeats = parts.timers()
                .scheduleAtFixedRate(
                        () -> withLock(
                                () -> send(AgentMessage.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()))),
                        parts.random().nextLong(pause),
                        pause,
                        TimeUnit.MILLISECONDS);
    }

    private void compared(ViewAnswer answer) {
        List<Integer> asked = answer.getBucketsList();
        if (asked.isEmpty()) {
            state = State.AGREED;
            parts.counting().agreements.increment();
            return;
        }
        BucketReport.Builder report =
                BucketReport.newBuilder().setBucketBits(answer.getBucketBits()).addAllBuckets(asked);
        Set<Integer> buckets = new HashSet<>(asked);
        held.forEach((id, link) -> {
            if (buckets.contains(ViewDigest.bucketOf(id, answer.getBucketBits()))) {
                report.addViews(view(link, LinkState.LINK_STATE_UP));
            }
        });
        parts.counting().registrations.increment();
        send(AgentMessage.newBuilder().setBuckets(report));
    }

    private void send(AgentMessage.Builder message) {
        if (session != null) {
            send(session, message);
        }
    }

    private void send(Session to, AgentMessage.Builder message) {
        if (to.over) {
            return;
        }
        long way = parts.delay().eachWayNanos();
        if (way == 0) {
            to.send(message.build());
        } else {
            var unused =
                    parts.timers().schedule(() -> withLock(() -> to.send(message.build())), way, TimeUnit.NANOSECONDS);
        }
    }

    /// The session is over; the next try waits a random part of the back-off.
    private void over(Session ended, Status status) {
        if (ended == moving || ended == session) {
            whereabouts.note(ended.control, "has lost (" + status.getCode() + ") the session with");
        }
        if (ended == moving) {
            parts.counting().ended(status, ended.heard);
            ended.close();
            moveAgain();
            return;
        }
        if (ended != session) {
            return;
        }
        Session next = moving;
        if (next != null && next.proved) {
            // The control planes have taken the new one in its place, and its welcome is on its way.
            parts.counting().ended(MOVED, true);
            drop();
            session = next;
            moving = null;
            state = State.DIALLING;
            return;
        }
        if (next != null) {
            next.close();
            moving = null;
        }
        leaving = false;
        parts.counting().ended(status, ended.heard);
        if (state == State.PROVEN || state == State.AGREED) {
            backOff = backOff.afterSession(Duration.ofNanos(System.nanoTime() - provenAt));
        }
        drop();
        state = State.AWAY;
        dialAfter(backOff.pause(parts.random()));
        backOff = backOff.longer();
    }

    private void drop() {
        if (heartbeats != null) {
            heartbeats.cancel(false);
            heartbeats = null;
        }
        if (session != null) {
            session.close();
            session = null;
        }
        questions.values().forEach(asked -> asked.completeExceptionally(new IllegalStateException("session over")));
        questions.clear();
    }

    // --- the end

    /// Dies without a goodbye: says nothing more, and its connection is swallowed or reset. Only for agents that the
    /// swarm gave a wire.
    public void vanish(Vanishing way) {
        Wire line = wire;
        if (line == null) {
            throw new IllegalStateException("this agent has no wire of its own to break");
        }
        switch (way) {
            case SILENTLY -> line.swallow();
            case CUT -> line.cut();
        }
        withLock(() -> {
            state = State.GONE;
            if (heartbeats != null) {
                heartbeats.cancel(false);
            }
        });
    }

    /// Ends for good, at the end of the run.
    void close() {
        withLock(() -> {
            state = State.GONE;
            if (moving != null) {
                moving.close();
                moving = null;
            }
            drop();
        });
        if (wire != null) {
            wire.cut();
        }
    }

    private void withLock(Runnable task) {
        lock.lock();
        try {
            task.run();
        } finally {
            lock.unlock();
        }
    }

    /// One call over one connection. All of it under the agent's lock.
    private final class Session implements StreamObserver<ControlMessage> {
        private final byte[] nonce = new byte[SessionProof.NONCE_LENGTH];
        private final InetSocketAddress control;
        private final ManagedChannel channel;
        private @Nullable StreamObserver<AgentMessage> requests;
        private @Nullable ScheduledFuture<?> deadline;
        private boolean heard;
        private boolean proved;
        private boolean over;

        Session() {
            parts.random().nextBytes(nonce);
            List<InetSocketAddress> others =
                    controls.stream().filter(one -> !one.equals(left)).toList();
            List<InetSocketAddress> choice = others.isEmpty() ? controls : others;
            InetSocketAddress control = choice.get(parts.random().nextInt(choice.size()));
            if (!leaving) {
                left = control; // else whoever asked to be left is left alone
            }
            this.control = control;
            channel = NettyChannelBuilder.forAddress(control)
                    .usePlaintext()
                    .executor(parts.calls())
                    .keepAliveTime(20, TimeUnit.SECONDS)
                    .keepAliveTimeout(10, TimeUnit.SECONDS)
                    .disableRetry()
                    .build();
        }

        void open() {
            requests = AgentSessionsGrpc.newStub(channel).open(this);
            send(AgentMessage.newBuilder()
                    .setHello(Hello.newBuilder()
                            .setNode(ByteString.copyFrom(key().bytes()))
                            .setNonce(ByteString.copyFrom(nonce))
                            .setSoftware("simulated/1")
                            .setAppliedRevision(rules.revision())
                            .setRulesDigest(ByteString.copyFrom(rules.digest().bytes())))
                    .build());
        }

        void send(AgentMessage message) {
            StreamObserver<AgentMessage> to = requests;
            if (to != null) {
                try {
                    to.onNext(message);
                } catch (IllegalStateException endedMeanwhile) {
                    // its end is on the way to onError
                }
            }
        }

        void close() {
            over = true;
            if (deadline != null) {
                deadline.cancel(false);
            }
            channel.shutdownNow();
        }

        @Override
        public void onNext(ControlMessage message) {
            long way = parts.delay().eachWayNanos();
            if (way == 0) {
                hear(message);
            } else {
                var unused = parts.timers().schedule(() -> hear(message), way, TimeUnit.NANOSECONDS);
            }
        }

        private void hear(ControlMessage message) {
            withLock(() -> {
                if (state != State.GONE) {
                    received(this, message);
                }
            });
        }

        @Override
        public void onError(Throwable cause) {
            withLock(() -> {
                if (state != State.GONE) {
                    over(this, Status.fromThrowable(cause));
                }
            });
        }

        @Override
        public void onCompleted() {
            withLock(() -> {
                if (state != State.GONE) {
                    over(this, Status.OK.withDescription("completed"));
                }
            });
        }
    }
}
