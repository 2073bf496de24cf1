package io.skywire.node.control;

import com.google.protobuf.ByteString;
import io.skywire.node.router.RouteProbes;
import io.skywire.node.rules.DeltaOutcome;
import io.skywire.node.rules.RuleKeeper;
import io.skywire.node.session.RouteRequests;
import io.skywire.node.transport.Transport;
import io.skywire.node.transport.TransportListener;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.CloseRoute;
import io.skywire.proto.v1.ControlMessage;
import io.skywire.proto.v1.Heartbeat;
import io.skywire.proto.v1.ProbeReport;
import io.skywire.proto.v1.PushedDelta;
import io.skywire.proto.v1.RulesExpired;
import io.skywire.proto.v1.SetupResult;
import io.skywire.proto.v1.SnapshotWanted;
import io.skywire.proto.v1.ViewAnswer;
import io.skywire.proto.v1.Welcome;
import io.skywire.shared.auth.BackOff;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.node.NodeFacts;
import io.skywire.shared.node.NodeProtos;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.RuleProtos;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps one session with one of the control planes, and dials again, with jitter, whenever it ends. Losing it changes
/// nothing in the node's table (I6).
///
/// | session | opening | so |
/// |---|---|---|
/// | none | none | waits for the back-off, then opens: directly, or through a gateway once that has failed enough |
/// | none | one | its Welcome makes it the session; an error or a deadline: waits again |
/// | direct | none | the good case |
/// | through a gateway | none | waits, then opens a direct one |
/// | any, asked to leave | another one | its Welcome replaces the session; after a failure another is opened |
/// | through a gateway | a direct one | its Welcome replaces the session; a failure changes nothing; a delta closes the
/// opening |
///
/// All state lives on `executor`, a single thread; the public methods may be called from any thread.
public final class ControlLink implements RouteRequests, RouteProbes, TransportListener, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ControlLink.class);

    /// Routes that wait to be closed; beyond this they idle out.
    private static final int MOST_CLOSING = 1024;

    /// Rules that idled out while nobody could be told; beyond this the next comparison of the tables tells.
    private static final int MOST_EXPIRED = 1024;

    /// Between two reports of measurements.
    private static final Duration MEASUREMENT_PAUSE = Duration.ofSeconds(1);

    /// So long a request waits for a session before it hears that there is none: a control plane that restarts, or a
    /// session that moves, costs no application anything.
    private static final Duration BRIEFLY = Duration.ofSeconds(2);

    /// So long a node that is asked to leave waits for answers to its setups.
    private static final Duration LEAVES_WITHIN = Duration.ofSeconds(5);

    private static final int MOST_RESTARTS = 2;

    private static final Duration WHY_WITHIN = Duration.ofSeconds(10);

    private final ControlSettings settings;
    private final KeyPair node;
    private final String software;
    private final ScheduledExecutorService executor;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final LinkReports reports;
    private final SaidOfProbes probes;
    private final Map<TransportId, LinkMeasurement> measurements = new ConcurrentHashMap<>(); // that reports lacks
    private final AtomicBoolean measurementsDue = new AtomicBoolean();
    private final PendingSetups setups = new PendingSetups(System::nanoTime);
    private final PendingWhys whys = new PendingWhys();
    private final ReachQuestions reach;
    private final Map<RouteUid, String> closing = new LinkedHashMap<>();
    private final List<RuleKey> expired = new ArrayList<>();
    private Optional<NodeFacts> facts = Optional.empty();
    private @Nullable RuleKeeper rules;
    private GatewayLanes gateways = GatewayLanes.NONE;
    private final Map<ControlWay, LongAdder> opened = new EnumMap<>(ControlWay.class);
    private @Nullable ControlSession session;
    private @Nullable ControlSession opening;
    private @Nullable ScheduledFuture<?> heartbeats;
    private @Nullable ScheduledFuture<?> directTry;
    private boolean explains;
    private boolean givesSnapshots;
    private boolean snapshotAsked;
    private boolean reportDue;
    private boolean closed;
    private final EndpointChoice endpoints;
    private Optional<Leaving> leaving = Optional.empty();
    private int gateway;
    private int directFailures;
    private boolean directIsNext;
    private BackOff backOff;
    private BackOff directPause;
    private volatile ControlStatus status;
    private volatile Optional<Duration> clockOffset = Optional.empty();
    private volatile Optional<Instant> lastContact = Optional.empty();

    /// @param executor one thread of this room's own
    public ControlLink(
            ControlSettings settings,
            KeyPair node,
            String software,
            ScheduledExecutorService executor,
            InstantSource clock,
            RandomGenerator random) {
        this.settings = settings;
        this.node = node;
        this.software = software;
        this.executor = executor;
        this.clock = clock;
        this.random = random;
        this.reach = new ReachQuestions(executor, random, this::sendNow);
        this.reports = new LinkReports(new ReportGate(random));
        this.probes = new SaidOfProbes(clock);
        this.endpoints = new EndpointChoice(settings.endpoints(), clock, random);
        this.backOff = BackOff.first(settings.firstBackOff(), settings.longestBackOff());
        this.directPause = firstDirectPause();
        for (ControlWay way : ControlWay.values()) {
            opened.put(way, new LongAdder());
        }
        this.status = new ControlStatus.Away(Optional.empty(), clock.instant());
    }

    /// Starts to dial. Deltas go to `keeper`; `lanes` lead to the gateways of the settings.
    public void start(RuleKeeper keeper, GatewayLanes lanes) {
        onControl(() -> {
            rules = keeper;
            gateways = lanes;
            dial();
        });
    }

    public ControlStatus status() {
        return status;
    }

    /// Sessions that came up by that way so far.
    public long opened(ControlWay way) {
        LongAdder count = opened.get(way);
        return count == null ? 0 : count.sum();
    }

    /// How far the control plane's clock was ahead of this node's when the newest session began, to the time that its
    /// welcome took to arrive; none if it did not say.
    public Optional<Duration> clockOffset() {
        return clockOffset;
    }

    /// When this process last had a session: now, if it has one.
    public Optional<Instant> lastContact() {
        return status instanceof ControlStatus.Connected ? Optional.of(clock.instant()) : lastContact;
    }

    // --- what the node tells -----------------------------------------------------------------------------------

    @Override
    public void up(Transport transport) {
        onControl(() -> {
            reports.up(transport, clock.instant());
            reportSoon();
        });
    }

    @Override
    public void down(Transport transport, String reason) {
        measurements.remove(transport.id());
        onControl(() -> {
            reports.down(transport, clock.instant());
            reportSoon();
        });
    }

    @Override
    public void measured(TransportId id, LinkMeasurement measured) {
        measurements.put(id, measured);
        if (measurementsDue.compareAndSet(false, true)) {
            try {
                var unused = executor.schedule(
                        this::reportMeasurements, MEASUREMENT_PAUSE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException nodeIsClosing) {
                log.debug("the node is closing");
            }
        }
    }

    @Override
    public void answered(RouteUid route, Duration roundTrip) {
        tell(
                route,
                ProbeReport.newBuilder()
                        .setRoute(bytes(route))
                        .setAnsweredAfterUs((int) Math.min(roundTrip.toNanos() / 1000, Integer.MAX_VALUE))
                        .build());
    }

    @Override
    public void unanswered(RouteUid route, String detail) {
        tell(
                route,
                ProbeReport.newBuilder()
                        .setRoute(bytes(route))
                        .setUnanswered(detail)
                        .build());
    }

    private void tell(RouteUid route, ProbeReport report) {
        onControl(() -> {
            probes.add(route, report);
            sendNow(AgentMessage.newBuilder().setProbe(report));
        });
    }

    /// Tells what this node says of itself, now and in every later session.
    public void tell(NodeFacts told) {
        onControl(() -> {
            facts = Optional.of(told);
            if (session != null) {
                sendNow(factsMessage(told));
            }
        });
    }

    private static AgentMessage.Builder factsMessage(NodeFacts told) {
        return AgentMessage.newBuilder().setFacts(NodeProtos.toProto(told));
    }

    /// Tells that rules idled out of the table, in the next session if there is none now.
    public void expired(List<RuleKey> rules) {
        onControl(() -> {
            rules.stream().limit(MOST_EXPIRED - expired.size()).forEach(expired::add);
            tellExpired();
        });
    }

    private void tellExpired() {
        if (session != null && !expired.isEmpty()) {
            RulesExpired.Builder told = RulesExpired.newBuilder();
            expired.forEach(rule -> told.addRules(RuleProtos.toProto(rule)));
            expired.clear();
            sendNow(AgentMessage.newBuilder().setRulesExpired(told));
        }
    }

    // --- what the node asks ------------------------------------------------------------------------------------

    @Override
    public CompletionStage<Answer> request(Request request) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        byte[] id = new byte[16];
        random.nextBytes(id);
        try {
            executor.execute(() -> ask(id, request, answer));
        } catch (RejectedExecutionException nodeIsClosing) {
            answer.complete(PendingSetups.failed(Reason.CONTROL_PLANE_AWAY, "this node is closing"));
        }
        return answer;
    }

    private void ask(byte[] id, Request request, CompletableFuture<Answer> answer) {
        Duration patience = session != null ? Duration.ZERO : patience();
        if (session == null && !patience.isPositive()) {
            answer.complete(away());
            return;
        }
        answer.thenAccept(told -> tell(id, request, told));
        setups.add(id, request, answer).ifPresent(message -> {
            sendNow(message);
            if (session == null) {
                var unused = executor.schedule(
                        () -> {
                            if (session == null) {
                                setups.complete(ByteString.copyFrom(id), away());
                            }
                        },
                        patience.toMillis(),
                        TimeUnit.MILLISECONDS);
            }
            // A little longer than the control plane's own deadline, so that its better answer wins.
            var unused = executor.schedule(
                    () -> setups.expire(
                            id,
                            Reason.DEADLINE,
                            "no answer within " + request.deadline().toMillis() + " ms"),
                    request.deadline().toMillis() + 500,
                    TimeUnit.MILLISECONDS);
        });
    }

    private static void tell(byte[] id, Request request, Answer answer) {
        ByteBuffer bytes = ByteBuffer.wrap(id);
        UUID requestId = new UUID(bytes.getLong(), bytes.getLong());
        switch (answer) {
            case Answer.Established done ->
                log.atInfo()
                        .addKeyValue("request_id", requestId)
                        .addKeyValue("route_id", done.route())
                        .addKeyValue("hops", done.hops())
                        .log("route established to {}", request.destination().shortHex());
            // Sessions and applications ask again and again for what cannot be had.
            case Answer.Failed failed ->
                log.atDebug()
                        .addKeyValue("request_id", requestId)
                        .addKeyValue("reason", failed.reason())
                        .log(
                                "route setup to {} failed: {}",
                                request.destination().shortHex(),
                                failed.detail());
        }
    }

    private Duration patience() {
        return status instanceof ControlStatus.Away away
                ? BRIEFLY.minus(Duration.between(away.since(), clock.instant()).abs())
                : BRIEFLY;
    }

    private Answer away() {
        return PendingSetups.failed(
                Reason.CONTROL_PLANE_AWAY,
                status instanceof ControlStatus.Away away
                        ? "no session with a control plane since " + away.since()
                                + away.lastError().map(error -> ": " + error).orElse("")
                        : "the session with the control plane is moving");
    }

    /// Asks why a route is what it is. Completes within ten seconds.
    public CompletionStage<RouteWhy.Answer> why(RouteWhy question) {
        CompletableFuture<RouteWhy.Answer> answer = new CompletableFuture<>();
        byte[] id = new byte[16];
        random.nextBytes(id);
        try {
            executor.execute(() -> ask(ByteString.copyFrom(id), question, answer));
        } catch (RejectedExecutionException nodeIsClosing) {
            answer.complete(new RouteWhy.Answer.Away("this node is closing"));
        }
        return answer;
    }

    private void ask(ByteString id, RouteWhy question, CompletableFuture<RouteWhy.Answer> answer) {
        if (session == null || !explains) {
            answer.complete(new RouteWhy.Answer.Away(
                    session != null
                            ? "this control plane does not explain routes"
                            : "there is no session with one now"));
            return;
        }
        if (whys.add(id, answer)) {
            sendNow(AgentMessage.newBuilder().setExplain(ControlProtos.explainQuestion(id, question)));
            var unused = executor.schedule(
                    () -> whys.complete(
                            id, new RouteWhy.Answer.Late("no answer within " + WHY_WITHIN.toSeconds() + " s")),
                    WHY_WITHIN.toMillis(),
                    TimeUnit.MILLISECONDS);
        }
    }

    /// Asks to be dialled at these addresses, 1 to 8, `host:port`. Completes within half a minute while the node runs.
    public CompletionStage<DialBack> dialBack(List<String> addresses) {
        CompletableFuture<DialBack> answer = new CompletableFuture<>();
        onControl(() -> reach.dialBack(addresses, answer));
        return answer;
    }

    /// Asks which of these nodes, 1 to 64, can be dialled. Completes within half a minute while the node runs.
    public CompletionStage<KnownReach> reachOf(Collection<PublicKey> nodes) {
        CompletableFuture<KnownReach> answer = new CompletableFuture<>();
        onControl(() -> reach.neighbours(nodes, answer));
        return answer;
    }

    /// Asks until the control plane has removed the route's rules here, over as many sessions as that takes.
    @Override
    public void close(RouteUid route, String reason) {
        onControl(() -> {
            if (closing.size() < MOST_CLOSING) {
                closing.put(route, reason);
            }
            if (session != null) {
                sendNow(closeRoute(route, reason));
            }
        });
    }

    /// The rules of `route` are gone from the table: nothing needs to be closed any more.
    public void gone(RouteUid route) {
        onControl(() -> closing.remove(route));
    }

    private static AgentMessage.Builder closeRoute(RouteUid route, String reason) {
        return AgentMessage.newBuilder()
                .setCloseRoute(CloseRoute.newBuilder().setRoute(bytes(route)).setReason(reason));
    }

    // --- the session -------------------------------------------------------------------------------------------

    private void dial() {
        if (session == null) {
            open(nextWay());
        }
    }

    private void open(Way way) {
        RuleKeeper keeper = rules;
        if (closed || keeper == null || opening != null) {
            return;
        }
        Handshake handshake = new Handshake(node, settings.serviceKeys(), random);
        ControlSession dialled =
                new ControlSession(way, handshake, settings.handshakeDeadline(), executor, new SessionOwner());
        opening = dialled;
        dialled.begin(
                gateways,
                () -> AgentMessage.newBuilder()
                        .setHello(handshake.hello(software, keeper.revision(), keeper.digest())));
    }

    /// Directly, until that has failed often or long enough; from then on a gateway and the direct way take turns.
    private Way nextWay() {
        ControlSettings.Endpoint target = endpoints.next();
        List<PublicKey> known = settings.around().gateways();
        return known.isEmpty() || !isDirectGivenUp() || directIsNext
                ? new Way.Direct(target)
                : new Way.Through(known.get(gateway % known.size()), target);
    }

    private boolean isDirectGivenUp() {
        return directFailures >= settings.around().directTries()
                || directFailures > 0
                        && status instanceof ControlStatus.Away away
                        && Duration.between(away.since(), clock.instant())
                                        .compareTo(settings.around().directPatience())
                                >= 0;
    }

    /// Another direct try while a session goes through a gateway, which stays until the new one is up.
    private void tryDirectSoon() {
        if (directTry != null) {
            directTry.cancel(false);
        }
        directTry = executor.schedule(
                () -> {
                    if (session != null && session.way() instanceof Way.Through) {
                        open(new Way.Direct(endpoints.next()));
                    }
                },
                directPause.pause(random).toMillis(),
                TimeUnit.MILLISECONDS);
        directPause = directPause.longer();
    }

    private final class SessionOwner implements ControlSession.Owner {
        @Override
        public void welcomed(ControlSession dialled, Welcome welcome) {
            ControlLink.this.welcomed(dialled, welcome);
        }

        @Override
        public void received(ControlSession from, ControlMessage message) {
            if (from == session) {
                ControlLink.this.received(from, message);
            }
        }

        @Override
        public void ended(ControlSession dialled, String why) {
            if (dialled == opening) {
                opening = null;
                notOpened(dialled.way(), why);
            } else if (dialled == session) {
                lost(dialled, why);
            }
        }
    }

    private void received(ControlSession from, ControlMessage message) {
        switch (message.getBodyCase()) {
            case DELTA -> apply(message.getDelta());
            case SETUP -> answered(message.getSetup());
            case REGISTRATION ->
                log.warn(
                        "the control plane refused transport {}: {}",
                        java.util.HexFormat.of()
                                .formatHex(
                                        message.getRegistration().getTransport().toByteArray()),
                        message.getRegistration().getRefusal());
            case VIEW -> compared(from, message.getView());
            case EXPLAINED -> whys.complete(message.getExplained());
            case DIALLED_BACK -> reach.received(message.getDialledBack());
            case NEIGHBOURS -> reach.received(message.getNeighbours());
            case ROUTES -> log.debug("routes that nobody here asked for");
            case DRAIN -> leave(from, message.getDrain().getReason());
            case CHALLENGE, WELCOME -> log.debug("the session itself has read this");
            case BODY_NOT_SET -> log.debug("a message of a newer protocol version was passed over");
        }
    }

    /// The new session is up; one that was there ends now.
    private void welcomed(ControlSession dialled, Welcome welcome) {
        ControlSession before = session;
        session = dialled;
        opening = null;
        if (before != null) {
            forget("the session with the control plane moved");
            before.close();
        }
        explains = welcome.getExplains();
        givesSnapshots = welcome.getGivesSnapshots();
        snapshotAsked = false;
        reach.sessionIsUp(welcome);
        clockOffset = welcome.getNowMs() == 0
                ? Optional.empty()
                : Optional.of(Duration.between(clock.instant(), Instant.ofEpochMilli(welcome.getNowMs())));
        switch (dialled.way()) {
            case Way.Direct direct -> {
                endpoints.worked(direct.endpoint());
                directFailures = 0;
                status = connected(direct, Optional.empty());
                gateways.rest();
            }
            case Way.Through through -> {
                directIsNext = false;
                status = connected(through, Optional.of(through.gateway()));
                directPause = firstDirectPause();
                tryDirectSoon();
            }
        }
        takeMeasurements();
        sendNow(
                welcome.getTakesDigests() && reports.isDigestEnough()
                        ? AgentMessage.newBuilder().setViewDigest(reports.digest())
                        : AgentMessage.newBuilder().setTransports(reports.whole(clock.instant())));
        tellExpired();
        facts.ifPresent(told -> sendNow(factsMessage(told)));
        setups.again().forEach(this::sendNow);
        probes.lately().forEach(report -> sendNow(AgentMessage.newBuilder().setProbe(report)));
        closing.forEach((route, reason) -> sendNow(closeRoute(route, reason)));
        askForSnapshot();
        long pause = Math.max(100, Integer.toUnsignedLong(welcome.getHeartbeatMs()));
        heartbeats = executor.scheduleAtFixedRate(
                () -> sendNow(AgentMessage.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance())),
                random.nextLong(pause),
                pause,
                TimeUnit.MILLISECONDS);
    }

    private ControlStatus connected(Way way, Optional<PublicKey> through) {
        ControlStatus.Connected now = new ControlStatus.Connected(way.toString(), through, clock.instant());
        LongAdder count = opened.get(now.way());
        if (count != null) {
            count.increment();
        }
        log.info("session with the control plane at {} is up", way);
        return now;
    }

    private BackOff firstDirectPause() {
        return BackOff.first(settings.around().directAgain(), settings.around().longestDirectAgain());
    }

    /// Tells what is in the buckets that differ; if none do, both sides hold the same.
    private void compared(ControlSession from, ViewAnswer answer) {
        if (answer.getBucketsCount() > 0) {
            try {
                sendNow(AgentMessage.newBuilder().setBuckets(reports.buckets(answer)));
            } catch (IllegalArgumentException malformed) {
                from.end("asked for buckets that cannot be: " + malformed.getMessage());
            }
        }
    }

    private void apply(PushedDelta pushed) {
        RuleKeeper keeper = rules;
        if (keeper == null) {
            return;
        }
        switch (keeper.apply(RuleProtos.fromProto(pushed.getDelta()))) {
            case DeltaOutcome.Applied applied -> {
                sendNow(AgentMessage.newBuilder().setAck(ControlProtos.ack(pushed, applied, node)));
                askForSnapshot();
                restartOpening();
            }
            case DeltaOutcome.Refused refused ->
                sendNow(AgentMessage.newBuilder().setNack(ControlProtos.nack(pushed.getNonce(), refused)));
        }
    }

    /// Once per need and session: what is kept on disk begins anew with it.
    private void askForSnapshot() {
        boolean wanted = rules != null && rules.wantsSnapshot();
        if (wanted && givesSnapshots && !snapshotAsked) {
            sendNow(AgentMessage.newBuilder().setSnapshotWanted(SnapshotWanted.getDefaultInstance()));
        }
        snapshotAsked = wanted;
    }

    /// A session that opens beside this one has told a revision that is old now: it would get a delta from there.
    /// Once it has proved the key it stays all the same: its control plane takes it in place of this one, and answers
    /// the refusal of that delta with the whole table. So does one of a node that is asked to leave and has begun
    /// again twice: a node that is told its rules all the time would never be gone.
    private void restartOpening() {
        if (opening == null
                || opening.hasProved()
                || isLeaving() && leaving.get().restarts() == MOST_RESTARTS) {
            return;
        }
        opening.close();
        opening = null;
        if (isLeaving()) {
            leaving = leaving.map(Leaving::restarted);
            moveShortly();
        } else {
            tryDirectSoon();
        }
    }

    private void openBesideSoon() {
        if (isLeaving()) {
            moveSoon();
        } else {
            tryDirectSoon();
        }
    }

    /// A session whose control plane has asked this node to go to another one.
    private record Leaving(ControlSession from, Instant since, BackOff pause, int restarts) {
        Leaving longer() {
            return new Leaving(from, since, pause.longer(), restarts);
        }

        Leaving restarted() {
            return new Leaving(from, since, pause, restarts + 1);
        }
    }

    private boolean isLeaving() {
        return leaving.isPresent() && leaving.get().from() == session;
    }

    /// Opens the next session beside this one, which stays until that is up or the control plane ends it.
    private void leave(ControlSession from, String why) {
        if (!isLeaving()) {
            log.info("the control plane at {} asks to be left: {}", from.way(), why);
            endpoints.failed(from.way().endpoint());
            leaving = Optional.of(new Leaving(
                    from, clock.instant(), BackOff.first(settings.firstBackOff(), settings.longestBackOff()), 0));
            move();
        }
    }

    /// Setups that this session waits for are answered first: another control plane would have to ask this one's
    /// ledger.
    private void move() {
        if (!isLeaving()) {
            return;
        }
        if (setups.isEmpty() || leaving.get().since().plus(LEAVES_WITHIN).isBefore(clock.instant())) {
            open(nextWay());
        } else {
            moveShortly();
        }
    }

    /// Nothing has failed: the pause does not grow, or the control plane would end before the next look.
    private void moveShortly() {
        Duration pause = BackOff.first(settings.firstBackOff(), settings.longestBackOff())
                .pause(random);
        var unused = executor.schedule(this::move, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void moveSoon() {
        leaving = leaving.map(Leaving::longer);
        leaving.ifPresent(asked -> {
            var unused =
                    executor.schedule(this::move, asked.pause().pause(random).toMillis(), TimeUnit.MILLISECONDS);
        });
    }

    private void answered(SetupResult result) {
        try {
            setups.complete(result.getRequestId(), ControlProtos.answer(result));
        } catch (IllegalArgumentException malformed) {
            setups.complete(
                    result.getRequestId(),
                    PendingSetups.failed(Reason.MALFORMED, "the control plane's answer: " + malformed.getMessage()));
        }
    }

    private void notOpened(Way way, String why) {
        switch (way) {
            case Way.Direct direct -> {
                directFailures++;
                endpoints.failed(direct.endpoint());
                directIsNext = false;
            }
            case Way.Through through -> {
                gateway++;
                directIsNext = true;
            }
        }
        if (session == null) {
            away(way, why);
            dialLater();
        } else {
            log.debug("no session with the control plane at {}: {}; the one that is there stays", way, why);
            openBesideSoon();
        }
    }

    private void lost(ControlSession over, String why) {
        session = null;
        lastContact = Optional.of(clock.instant());
        forget("the session with the control plane ended");
        if (over.way() instanceof Way.Direct direct) {
            endpoints.failed(direct.endpoint());
        }
        if (opening == null) {
            away(over.way(), why);
            dialLater();
        } else if (!opening.hasProved()) {
            away(over.way(), why);
        } // else the control plane has taken the new session in place of this one, and its welcome is on its way
    }

    private void forget(String why) {
        if (heartbeats != null) {
            heartbeats.cancel(false);
            heartbeats = null;
        }
        whys.failAll(why);
        reach.sessionEnded();
    }

    private void away(Way from, String why) {
        if (status instanceof ControlStatus.Connected
                || status instanceof ControlStatus.Away away && away.lastError().isEmpty()) {
            log.warn("no session with the control plane at {}: {}; the rules here stay, dialling again", from, why);
        }
        if (status instanceof ControlStatus.Connected connected) {
            backOff = backOff.afterSession(Duration.between(connected.since(), clock.instant()));
        }
        status = status instanceof ControlStatus.Away before
                ? new ControlStatus.Away(Optional.of(from + ": " + why), before.since())
                : new ControlStatus.Away(Optional.of(from + ": " + why), clock.instant());
    }

    /// The next try waits a random part of the back-off.
    private void dialLater() {
        if (!closed) {
            var unused = executor.schedule(this::dial, backOff.pause(random).toMillis(), TimeUnit.MILLISECONDS);
            backOff = backOff.longer();
        }
    }

    private void reportSoon() {
        if (session != null && !reportDue) {
            reportDue = true;
            var unused = executor.schedule(
                    () -> {
                        reportDue = false;
                        if (session != null) {
                            reports.changes()
                                    .ifPresent(report ->
                                            sendNow(AgentMessage.newBuilder().setTransports(report)));
                        }
                    },
                    settings.reportPause().toMillis(),
                    TimeUnit.MILLISECONDS);
        }
    }

    /// One report per pause at most, however many links there are.
    private void reportMeasurements() {
        measurementsDue.set(false);
        takeMeasurements();
        if (session != null) {
            reports.measurements(clock.instant())
                    .ifPresent(report -> sendNow(AgentMessage.newBuilder().setTransports(report)));
        }
    }

    private void takeMeasurements() {
        measurements.forEach((id, measured) -> {
            if (measurements.remove(id, measured)) {
                reports.measured(id, measured);
            }
        });
    }

    private void sendNow(AgentMessage.Builder message) {
        if (session != null) {
            session.send(message);
        }
    }

    private void onControl(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException nodeIsClosing) {
            log.debug("the node is closing");
        }
    }

    private static ByteString bytes(RouteUid route) {
        return ByteString.copyFrom(route.bytes());
    }

    /// Ends the session; what still waits for an answer gets one.
    @Override
    public void close() {
        onControl(() -> {
            closed = true;
            setups.failAll(Reason.CONTROL_PLANE_AWAY, "this node is closing");
            whys.failAll("this node is closing");
            reach.sessionEnded();
            if (heartbeats != null) {
                heartbeats.cancel(false);
            }
            if (opening != null) {
                opening.close();
                opening = null;
            }
            if (session != null) {
                session.close();
                session = null;
            }
        });
    }
}
