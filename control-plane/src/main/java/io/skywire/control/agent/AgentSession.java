package io.skywire.control.agent;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.skywire.control.discovery.ReportKind;
import io.skywire.control.discovery.ReportOutcome;
import io.skywire.control.discovery.TransportClaim;
import io.skywire.control.platform.DatabaseReach;
import io.skywire.control.rules.RuleWatch;
import io.skywire.control.rules.RuleWatcher;
import io.skywire.control.setup.RequestId;
import io.skywire.control.setup.RouteRequest;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.BucketReport;
import io.skywire.proto.v1.CloseRoute;
import io.skywire.proto.v1.ControlMessage;
import io.skywire.proto.v1.DeltaAck;
import io.skywire.proto.v1.DeltaNack;
import io.skywire.proto.v1.DialBackAnswer;
import io.skywire.proto.v1.DialBackQuestion;
import io.skywire.proto.v1.Drain;
import io.skywire.proto.v1.ExplainAnswer;
import io.skywire.proto.v1.ExplainQuestion;
import io.skywire.proto.v1.Hello;
import io.skywire.proto.v1.NeighboursAnswer;
import io.skywire.proto.v1.NeighboursQuestion;
import io.skywire.proto.v1.ProbeReport;
import io.skywire.proto.v1.Proof;
import io.skywire.proto.v1.PushedDelta;
import io.skywire.proto.v1.RegistrationResult;
import io.skywire.proto.v1.RoutesAnswer;
import io.skywire.proto.v1.RoutesQuestion;
import io.skywire.proto.v1.RulesExpired;
import io.skywire.proto.v1.SetupRequest;
import io.skywire.proto.v1.TransportReport;
import io.skywire.proto.v1.TransportView;
import io.skywire.proto.v1.ViewAnswer;
import io.skywire.proto.v1.ViewDigest;
import io.skywire.proto.v1.Welcome;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.node.NodeFacts;
import io.skywire.shared.node.NodeProtos;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.RuleProtos;
import io.skywire.shared.rule.SignedRuleDelta;
import io.skywire.shared.transport.TransportId;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.transaction.TransactionException;

/// One agent's session, from its first message to its end.
/// ```
/// GREETING ──Hello──► CHALLENGED ──Proof──► ENTERING ──Welcome──► LIVE ──► over
///     └──────────────────┴── no proof in time, or a wrong one ──► over
/// ```
/// Once LIVE, what the agent holds and what is stored of it are brought together before a heartbeat renews anything:
/// ```
/// UNKNOWN ──whole view, or ViewDigest: same──► AGREED
///    └──────ViewDigest: differs──► DIFFERS ──BucketReport of those buckets──► AGREED
/// any ──a report while the database is away──► OWED ──it is back: all buckets are asked for──► DIFFERS
/// ```
/// Messages of the agent come one at a time on a thread that may block; deltas, answers and the end come from others.
final class AgentSession implements RuleWatcher {
    private static final Logger LOG = LoggerFactory.getLogger(AgentSession.class);

    /// Refused views that one report hears of; an agent with more has one fault, not so many.
    private static final int MAX_REFUSALS_TOLD = 64;

    /// What may be lost to a database that is away, because it is asked for again.
    private static final Set<AgentMessage.BodyCase> ABOUT_LINKS =
            Set.of(AgentMessage.BodyCase.TRANSPORTS, AgentMessage.BodyCase.VIEW_DIGEST, AgentMessage.BodyCase.BUCKETS);

    private final AgentRooms rooms;
    private final AgentSessions sessions;
    private final Outbound out;
    private final Optional<InetAddress> source;
    private final AtomicBoolean over = new AtomicBoolean();

    private volatile Phase phase = new Greeting();
    private volatile Instant lastHeard;
    private volatile Instant awaitsProofSince;
    private volatile Optional<SentDelta> sent = Optional.empty();
    private volatile boolean written;
    private volatile boolean welcomed;
    private long deltas;
    private final AtomicReference<View> view = new AtomicReference<>(new View.Unknown());
    private volatile Optional<Instant> viewAskedAt = Optional.empty();

    private sealed interface Phase {}

    private record Greeting() implements Phase {}

    private record Challenged(Handshake handshake) implements Phase {}

    private record Entering() implements Phase {}

    private record Live(PublicKey node, String software, RuleWatch.Subscription rules) implements Phase {}

    /// How what the agent holds stands to what is stored of it.
    private sealed interface View {
        record Unknown() implements View {}

        record Differs(int bits, BitSet buckets) implements View {}

        /// The database was away when a report came: it must be told again, whole.
        record Owed() implements View {}

        record Agreed() implements View {}
    }

    private record SentDelta(long nonce, Instant at, SignedRuleDelta delta) {}

    AgentSession(AgentRooms rooms, AgentSessions sessions, Outbound out, Optional<InetAddress> source) {
        this.rooms = rooms;
        this.sessions = sessions;
        this.out = out;
        this.source = source;
        this.lastHeard = rooms.clock().instant();
        this.awaitsProofSince = lastHeard;
    }

    /// Handles one message; whatever is in it, nothing is thrown.
    void receive(AgentMessage message) {
        if (over.get()) {
            // Whoever has given up costs no signature: in a crowd that is time for those who still wait.
            return;
        }
        lastHeard = rooms.clock().instant();
        try {
            switch (phase) {
                case Greeting greeting -> greet(message);
                case Challenged challenged -> prove(challenged.handshake(), message);
                case Entering entering -> throw new IllegalStateException("messages come one at a time");
                case Live live -> handle(live, message);
            }
        } catch (Refusal refusal) {
            end(Optional.of(refusal.status()));
        } catch (QueryTimeoutException crowded) {
            LOG.debug("a session ends: {}", crowded.getMessage());
            sessions.crowdedOut();
            end(Optional.of(Status.RESOURCE_EXHAUSTED.withDescription("too many agents at once: try later")));
        } catch (DataAccessException | TransactionException away) {
            if (phase instanceof Live && ABOUT_LINKS.contains(message.getBodyCase())) {
                LOG.atDebug().log("a report of links is asked for again later: {}", away.getMessage());
                view.set(new View.Owed());
            } else {
                LOG.atWarn().log("a session ends, the database is away: {}", away.getMessage());
                end(Optional.of(Status.UNAVAILABLE.withDescription("the control plane cannot work now")));
            }
        } catch (RuntimeException bug) {
            LOG.atError().setCause(bug).log("a session ends by an error of ours");
            end(Optional.of(Status.INTERNAL.withDescription("an error of the control plane")));
        }
    }

    private void greet(AgentMessage message) throws Refusal {
        if (message.getBodyCase() != AgentMessage.BodyCase.HELLO) {
            throw Refusal.malformed("the first message is Hello, not " + message.getBodyCase());
        }
        Hello hello = message.getHello();
        Handshake handshake = Handshake.begin(hello, rooms.keys().service(), rooms.random());
        // Before the challenge leaves: the proof may arrive at once.
        phase = new Challenged(handshake);
        awaitsProofSince = rooms.clock().instant();
        send(ControlMessage.newBuilder().setChallenge(handshake.challenge()).build());
    }

    private void prove(Handshake handshake, AgentMessage message) throws Refusal {
        if (message.getBodyCase() != AgentMessage.BodyCase.PROOF) {
            throw Refusal.malformed("the second message is Proof, not " + message.getBodyCase());
        }
        Proof proof = message.getProof();
        handshake.prove(proof);
        PublicKey node = handshake.node();
        Optional<Status> tooOften = rooms.limits().begin(node);
        if (tooOften.isPresent()) {
            throw Refusal.limited(tooOften.get());
        }
        // The agent has done its part; what follows may have to wait its turn.
        phase = new Entering();
        if (!sessions.join(node, this)) {
            return;
        }
        // Make before break: from the welcome on, or from what the other replicas hear, nobody else tells it its rules.
        Live live = new Live(node, handshake.software(), rooms.arrivals().watch(node, handshake.held(), this));
        phase = live;
        if (over.get()) {
            live.rules().cancel();
            return;
        }
        rooms.arrivals().seen(node, handshake.software());
        written = true;
        send(ControlMessage.newBuilder()
                .setWelcome(Welcome.newBuilder()
                        .setLeaseMs(Math.toIntExact(rooms.discovery().lease().toMillis()))
                        .setHeartbeatMs(
                                Math.toIntExact(rooms.discovery().heartbeat().toMillis()))
                        .setTakesDigests(true)
                        .setExplains(true)
                        .setDialsBack(true)
                        .setGivesSnapshots(true)
                        .setNowMs(rooms.clock().millis()))
                .build());
        // It had to wait for its turn until now.
        lastHeard = rooms.clock().instant();
        welcomed = true;
        live.rules().wake();
        if (over.get()) {
            live.rules().cancel();
            rooms.arrivals().left(node, sessions::isConnected);
        }
        LOG.atInfo()
                .addKeyValue("node", node.shortHex())
                .addKeyValue("revision", handshake.held().revision())
                .log("agent connected: {}", node.hex());
    }

    private void handle(Live live, AgentMessage message) throws Refusal {
        switch (message.getBodyCase()) {
            case HEARTBEAT -> heartbeat(live.node());
            case TRANSPORTS -> report(live.node(), message.getTransports());
            case ACK -> acknowledged(live, message.getAck());
            case NACK -> refused(live, message.getNack());
            case SETUP -> setUp(live.node(), message.getSetup());
            case PROBE -> probe(live.node(), message.getProbe());
            case CLOSE_ROUTE -> close(live.node(), message.getCloseRoute());
            case FACTS -> facts(live, message.getFacts());
            case RULES_EXPIRED -> expired(live.node(), message.getRulesExpired());
            case VIEW_DIGEST -> compare(live.node(), message.getViewDigest());
            case BUCKETS -> reportBuckets(live.node(), message.getBuckets());
            case ROUTES -> findRoutes(message.getRoutes());
            case EXPLAIN -> explain(live.node(), message.getExplain());
            case DIAL_BACK -> dialBack(live.node(), message.getDialBack());
            case NEIGHBOURS -> neighbours(message.getNeighbours());
            case SNAPSHOT_WANTED -> live.rules().snapshot();
            case HELLO, PROOF -> throw Refusal.malformed("a second " + message.getBodyCase() + " in one session");
            case BODY_NOT_SET -> throw Refusal.malformed("a message without a body that is known here");
        }
    }

    /// Renews nothing until both sides hold the same view: a lease must not live on what the node no longer holds.
    private void heartbeat(PublicKey node) {
        if (view.get() instanceof View.Agreed) {
            rooms.views().renewSoon(node);
        }
    }

    private void facts(Live live, io.skywire.proto.v1.NodeFacts told) throws Refusal {
        NodeFacts facts = wellFormed(() -> NodeProtos.fromProto(told));
        try {
            rooms.book().told(live.node(), live.software(), facts);
        } catch (DataAccessException | TransactionException away) {
            // Nothing that a session must end for: the node tells again in its next one.
            LOG.atDebug().addKeyValue("node", live.node().shortHex()).log("facts are lost: {}", away.getMessage());
        }
    }

    private void report(PublicKey node, TransportReport report) throws Refusal {
        ReportKind kind = switch (report.getKind()) {
            case REPORT_KIND_CHANGES -> ReportKind.CHANGES;
            case REPORT_KIND_WHOLE_VIEW -> ReportKind.WHOLE_VIEW;
            case REPORT_KIND_UNSPECIFIED, UNRECOGNIZED ->
                throw Refusal.malformed("the report has no kind that is known here");
        };
        if (kind == ReportKind.CHANGES && view.get() instanceof View.Unknown) {
            throw Refusal.malformed("the first report of a session is the whole view or its digest");
        }
        if (kind == ReportKind.WHOLE_VIEW) {
            agreed();
        }
        Claims claims = claims(report.getViewsList());
        switch (kind) {
            case WHOLE_VIEW -> take(node, kind, claims.good(), claims.refusals());
            case CHANGES -> {
                List<TransportClaim> left = rooms.transports().measured(node, claims.good());
                if (left.isEmpty()) {
                    tell(claims.refusals());
                } else {
                    take(node, kind, left, claims.refusals());
                }
            }
        }
    }

    private void compare(PublicKey node, ViewDigest digest) throws Refusal {
        io.skywire.shared.transport.ViewDigest theirs = wellFormed(() -> AgentMessages.fromProto(digest));
        BitSet buckets = rooms.views().compare(node, theirs);
        view.set(buckets.isEmpty() ? new View.Agreed() : new View.Differs(theirs.bits(), buckets));
        answerView(theirs.bits(), buckets);
    }

    private void reportBuckets(PublicKey node, BucketReport report) throws Refusal {
        if (!(view.get() instanceof View.Differs asked)
                || report.getBucketBits() != asked.bits()
                || !AgentMessages.bucketsOf(report).equals(asked.buckets())) {
            throw Refusal.malformed("a report of buckets that were not asked for");
        }
        Claims claims = claims(report.getViewsList());
        Set<TransportId> named = new HashSet<>();
        for (TransportClaim claim : claims.good()) {
            TransportId id = claim.transport().id();
            if (!asked.buckets().get(io.skywire.shared.transport.ViewDigest.bucketOf(id, asked.bits()))) {
                throw Refusal.malformed("transport " + id + " is in no bucket that was asked for");
            }
            named.add(id);
        }
        List<TransportClaim> whole = new ArrayList<>(claims.good());
        whole.addAll(rooms.turns().take(() -> rooms.views().notHeld(node, asked.bits(), asked.buckets(), named)));
        take(node, ReportKind.CHANGES, whole, claims.refusals());
        rooms.views().renewNow(node);
        agreed();
        answerView(asked.bits(), new BitSet());
    }

    private void agreed() {
        viewAskedAt = Optional.empty();
        view.set(new View.Agreed());
    }

    /// Asks for all links if a report of them was lost and the database is back. Of those who owe, a fifth at each
    /// look.
    private void askForView(Instant now) {
        View owed = view.get();
        if (owed instanceof View.Owed
                && rooms.replicas().reach() instanceof DatabaseReach.Reached
                && rooms.random().nextInt(5) == 0) {
            BitSet all = new BitSet();
            all.set(0);
            viewAskedAt = Optional.of(now);
            if (view.compareAndSet(owed, new View.Differs(0, all))) {
                answerView(0, all);
            }
        }
        Duration patience = rooms.settings().deltaTimeout();
        if (view.get() instanceof View.Differs
                && viewAskedAt.isPresent()
                && viewAskedAt.get().plus(patience).isBefore(now)) {
            endSoon(Status.UNAVAILABLE.withDescription("the links were not told again within " + patience));
        }
    }

    private void answerView(int bits, BitSet buckets) {
        ViewAnswer.Builder answer = ViewAnswer.newBuilder().setBucketBits(bits);
        buckets.stream().forEach(answer::addBuckets);
        send(ControlMessage.newBuilder().setView(answer).build());
    }

    private record Claims(List<TransportClaim> good, List<RegistrationResult> refusals) {}

    private static Claims claims(List<TransportView> views) {
        Claims claims = new Claims(new ArrayList<>(), new ArrayList<>());
        for (TransportView view : views) {
            try {
                claims.good().add(AgentMessages.fromProto(view));
            } catch (IllegalArgumentException malformed) {
                ByteString id = view.getTransport().getId();
                claims.refusals()
                        .add(refusal(
                                id.substring(0, Math.min(TransportId.LENGTH, id.size())),
                                String.valueOf(malformed.getMessage())));
            }
        }
        return claims;
    }

    private void take(PublicKey node, ReportKind kind, List<TransportClaim> claims, List<RegistrationResult> refusals) {
        ReportOutcome outcome = rooms.turns().take(() -> rooms.transports().report(node, kind, claims));
        outcome.refusals()
                .forEach(refused -> refusals.add(refusal(
                        ByteString.copyFrom(refused.transport().bytes()), refused.reason() + ": " + refused.detail())));
        tell(refusals);
    }

    private void tell(List<RegistrationResult> refusals) {
        refusals.stream()
                .limit(MAX_REFUSALS_TOLD)
                .forEach(refused -> send(
                        ControlMessage.newBuilder().setRegistration(refused).build()));
    }

    private static RegistrationResult refusal(ByteString transport, String why) {
        return RegistrationResult.newBuilder()
                .setTransport(transport)
                .setRefusal(AgentMessages.text(why))
                .build();
    }

    private void setUp(PublicKey node, SetupRequest request) throws Refusal {
        ByteString id = request.getRequestId();
        if (id.size() != RequestId.LENGTH) {
            throw Refusal.malformed("a request id has " + RequestId.LENGTH + " bytes, not " + id.size());
        }
        RouteRequest parsed;
        try {
            parsed = AgentMessages.fromProto(request, node);
        } catch (IllegalArgumentException malformed) {
            send(ControlMessage.newBuilder()
                    .setSetup(AgentMessages.malformed(id, String.valueOf(malformed.getMessage())))
                    .build());
            return;
        }
        sessions.setupBegins();
        var unused = rooms.setups()
                .request(parsed)
                .thenAccept(outcome -> send(ControlMessage.newBuilder()
                        .setSetup(AgentMessages.toProto(id, outcome))
                        .build()))
                .whenComplete((done, bug) -> sessions.setupEnds());
    }

    private void findRoutes(RoutesQuestion question) throws Refusal {
        RoutesAnswer answer = wellFormed(() -> RouteQuestions.answer(question, rooms.finder()));
        send(ControlMessage.newBuilder().setRoutes(answer).build());
    }

    private void explain(PublicKey node, ExplainQuestion question) throws Refusal {
        ExplainAnswer answer = wellFormed(() -> RouteQuestions.explain(question, node, rooms.reasons()));
        send(ControlMessage.newBuilder().setExplained(answer).build());
    }

    private void dialBack(PublicKey node, DialBackQuestion question) throws Refusal {
        CompletionStage<DialBackAnswer> answer = wellFormed(() -> source.isPresent()
                ? ReachQuestions.dialBack(question, node, source.get(), rooms.dialBacks())
                : ReachQuestions.fromNowhere(question));
        var unused = answer.thenAccept(
                told -> send(ControlMessage.newBuilder().setDialledBack(told).build()));
    }

    private void neighbours(NeighboursQuestion question) throws Refusal {
        NeighboursAnswer answer = wellFormed(() -> ReachQuestions.neighbours(question, rooms.book()));
        send(ControlMessage.newBuilder().setNeighbours(answer).build());
    }

    private void probe(PublicKey node, ProbeReport report) throws Refusal {
        RouteUid route = wellFormed(() -> RouteUid.of(report.getRoute().toByteArray()));
        switch (report.getOutcomeCase()) {
            case ANSWERED_AFTER_US -> rooms.setups().probed(node, route);
            case UNANSWERED -> rooms.setups().probeUnanswered(node, route, AgentMessages.text(report.getUnanswered()));
            case OUTCOME_NOT_SET -> throw Refusal.malformed("the probe report says no outcome");
        }
    }

    private void close(PublicKey node, CloseRoute close) throws Refusal {
        RouteUid route = wellFormed(() -> RouteUid.of(close.getRoute().toByteArray()));
        rooms.setups().close(node, route, AgentMessages.text(close.getReason()));
    }

    private void expired(PublicKey node, RulesExpired expired) throws Refusal {
        List<RuleKey> keys = wellFormed(
                () -> expired.getRulesList().stream().map(RuleProtos::fromProto).toList());
        rooms.setups().expired(node, keys);
    }

    private void acknowledged(Live live, DeltaAck ack) throws Refusal {
        if (answersTheLastDelta(ack.getNonce())) {
            List<RuleWatch.Refusal> refusals = wellFormed(() ->
                    ack.getRefusedList().stream().map(AgentMessages::fromProto).toList());
            Optional<SentDelta> answered = sent;
            sent = Optional.empty();
            wellFormed(() -> {
                live.rules().acknowledged(ack.getRevision(), refusals);
                return ack;
            });
            if (!ack.getReceipt().isEmpty()) {
                answered.ifPresent(known -> rooms.setups()
                        .receipt(
                                live.node(),
                                ack.getRevision(),
                                known.delta().delta(),
                                ack.getReceipt().toByteArray()));
            }
        }
    }

    private void refused(Live live, DeltaNack nack) throws Refusal {
        if (answersTheLastDelta(nack.getNonce())) {
            sent = Optional.empty();
            wellFormed(() -> {
                live.rules()
                        .refused(
                                nack.getRevision(),
                                AgentMessages.fromProto(nack.getReason()),
                                AgentMessages.text(nack.getDetail()));
                return nack;
            });
        }
    }

    /// Answers to anything else are late or made up; they mean nothing.
    private boolean answersTheLastDelta(long nonce) {
        return sent.isPresent() && sent.get().nonce() == nonce;
    }

    private static <T> T wellFormed(Supplier<T> parts) throws Refusal {
        try {
            return parts.get();
        } catch (IllegalArgumentException malformed) {
            throw Refusal.malformed(String.valueOf(malformed.getMessage()));
        }
    }

    // --- what goes out

    /// Not before the welcome: an agent reads no delta before that.
    @Override
    public boolean isReady() {
        return welcomed && out.isReady();
    }

    @Override
    public void deliver(SignedRuleDelta delta) {
        deltas++;
        // Before it leaves: the answer may arrive before this returns.
        sent = Optional.of(new SentDelta(deltas, rooms.clock().instant(), delta));
        send(ControlMessage.newBuilder()
                .setDelta(PushedDelta.newBuilder().setNonce(deltas).setDelta(RuleProtos.toProto(delta)))
                .build());
    }

    /// The stream has room again.
    void ready() {
        out.ready();
        if (phase instanceof Live live && isReady()) {
            live.rules().wake();
        }
    }

    private void send(ControlMessage message) {
        switch (out.send(message)) {
            case TAKEN, ENDED -> {}
            case TOO_SLOW -> endSoon(Status.RESOURCE_EXHAUSTED.withDescription("the agent reads too slowly"));
        }
    }

    /// Asks the agent to go to another replica. The session stays until it has, or ends it.
    void drain(String reason) {
        send(ControlMessage.newBuilder()
                .setDrain(Drain.newBuilder().setReason(reason))
                .build());
    }

    /// Whether the database has been told that this session is held here.
    boolean isWritten() {
        return written;
    }

    boolean isOver() {
        return over.get();
    }

    /// Whether it has been live since before then.
    boolean isOlderThan(Instant then) {
        return phase instanceof Live && awaitsProofSince.isBefore(then);
    }

    // --- the end

    /// Looks whether a deadline has passed.
    void check(Instant now) {
        switch (phase) {
            case Greeting greeting -> checkProof(now);
            case Challenged challenged -> checkProof(now);
            case Entering entering -> {}
            case Live live -> {
                if (!welcomed) {
                    return;
                }
                askForView(now);
                Duration lease = rooms.discovery().lease();
                if (lastHeard.plus(lease).isBefore(now)) {
                    endSoon(Status.UNAVAILABLE.withDescription("no heartbeat within the lease of " + lease));
                }
                Duration patience = rooms.settings().deltaTimeout();
                if (sent.isPresent() && sent.get().at().plus(patience).isBefore(now)) {
                    endSoon(Status.RESOURCE_EXHAUSTED.withDescription("no answer to a rule delta within " + patience));
                }
            }
        }
    }

    private void checkProof(Instant now) {
        Duration patience = rooms.settings().proofTimeout();
        if (awaitsProofSince.plus(patience).isBefore(now)) {
            endSoon(Status.UNAUTHENTICATED.withDescription("no proof within " + patience));
        }
    }

    /// Ends the session from a thread that must not wait.
    private void endSoon(Status status) {
        Thread.ofVirtual().name("agent-end").start(() -> end(Optional.of(status)));
    }

    /// Ends the session: with the status, or as completed. Only the first call counts.
    void end(Optional<Status> status) {
        if (!over.compareAndSet(false, true)) {
            return;
        }
        boolean told = out.end(status);
        sessions.left(this, status.map(Status::getCode).orElse(Status.Code.OK))
                .ifPresent(node -> rooms.arrivals().left(node, sessions::isConnected));
        if (phase instanceof Live live) {
            live.rules().cancel();
            status.filter(ignored -> told)
                    .ifPresent(why -> LOG.atInfo()
                            .addKeyValue("node", live.node().shortHex())
                            .addKeyValue("status", why.getCode())
                            .log("session ended: {}", why.getDescription()));
        }
    }
}
