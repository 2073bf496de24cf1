package io.skywire.control.agent;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.BucketReport;
import io.skywire.proto.v1.Challenge;
import io.skywire.proto.v1.CloseRoute;
import io.skywire.proto.v1.ControlMessage;
import io.skywire.proto.v1.DeltaAck;
import io.skywire.proto.v1.DeltaNack;
import io.skywire.proto.v1.DeltaNackReason;
import io.skywire.proto.v1.ExplicitPath;
import io.skywire.proto.v1.Heartbeat;
import io.skywire.proto.v1.Hello;
import io.skywire.proto.v1.LinkState;
import io.skywire.proto.v1.ProbeReport;
import io.skywire.proto.v1.Proof;
import io.skywire.proto.v1.PushedDelta;
import io.skywire.proto.v1.ReportKind;
import io.skywire.proto.v1.RuleRefusal;
import io.skywire.proto.v1.RuleRefusalReason;
import io.skywire.proto.v1.RulesExpired;
import io.skywire.proto.v1.SetupRequest;
import io.skywire.proto.v1.SetupResult;
import io.skywire.proto.v1.TransportReport;
import io.skywire.proto.v1.TransportView;
import io.skywire.proto.v1.ViewAnswer;
import io.skywire.shared.auth.SessionProof;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.RuleProtos;
import io.skywire.shared.rule.RuleReceipt;
import io.skywire.shared.rule.SignedRuleDelta;
import io.skywire.shared.transport.HeldTransport;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportProtos;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// A node as the control plane sees it: proves its key, reports links, obeys signed rules and probes its routes. Its
/// rule table is real; what it does wrong is told to it by [#refuse], [#answerNoDelta] and [#probe].
public final class SimulatedAgent implements AutoCloseable {
    private final SimulatedNetwork network;
    private volatile int port;
    private final KeyPair keys;
    private final Set<PublicKey> whitelist;
    private final Map<TransportId, SignedTransport> links = new LinkedHashMap<>();
    private final Map<RuleKey, Rule> table = new ConcurrentHashMap<>();
    private final Map<ByteString, CompletableFuture<SetupResult>> answers = new ConcurrentHashMap<>();
    private final List<RuleDelta> deltas = new CopyOnWriteArrayList<>();
    private volatile long revision;
    private volatile AgentCall call;
    private volatile CompletableFuture<Challenge> challenged = new CompletableFuture<>();
    private volatile CompletableFuture<Void> welcome = new CompletableFuture<>();
    private volatile CompletableFuture<Void> drained = new CompletableFuture<>();
    private volatile Function<Rule, Optional<RuleRefusalReason>> refusal = rule -> Optional.empty();
    private volatile UnaryOperator<byte[]> receiptOf = UnaryOperator.identity();
    private volatile boolean answersDeltas = true;
    private volatile Probing probing = Probing.TRULY;

    /// What an initiator does with its probes.
    public enum Probing {
        /// Through the tables of the network, until it works.
        TRULY,
        /// Says at once that nothing came back.
        GIVES_UP,
        /// Says nothing.
        SILENTLY
    }

    SimulatedAgent(SimulatedNetwork network, int port, KeyPair keys, PublicKey setupKey) {
        this.network = network;
        this.port = port;
        this.keys = keys;
        this.whitelist = Set.of(setupKey);
    }

    public PublicKey key() {
        return keys.publicKey();
    }

    KeyPair keys() {
        return keys;
    }

    // --- the session

    /// Opens a session and proves the key; reports the links that it holds.
    public void dial() {
        byte[] nonce = new byte[SessionProof.NONCE_LENGTH];
        new SecureRandom().nextBytes(nonce);
        challenged = new CompletableFuture<>();
        welcome = new CompletableFuture<>();
        drained = new CompletableFuture<>();
        call = new AgentCall(port, this::receive);
        call.send(AgentMessage.newBuilder()
                .setHello(Hello.newBuilder()
                        .setNode(bytes(key().bytes()))
                        .setNonce(bytes(nonce))
                        .setSoftware("simulated/1")
                        .setAppliedRevision(revision))
                .build());
        Challenge challenge = join(challenged);
        PublicKey service = PublicKey.of(challenge.getServiceKey().toByteArray());
        byte[] theirs = challenge.getNonce().toByteArray();
        if (!service.verifies(
                Signature.of(challenge.getSignature().toByteArray()),
                SessionProof.ofControlPlane(nonce, theirs, key()))) {
            throw new AssertionError("the control plane has not proved its key");
        }
        call.send(AgentMessage.newBuilder()
                .setProof(Proof.newBuilder()
                        .setSignature(bytes(keys.sign(SessionProof.ofAgent(theirs, nonce, service))
                                .bytes())))
                .build());
        join(welcome);
        report(ReportKind.REPORT_KIND_WHOLE_VIEW, links.values(), LinkState.LINK_STATE_UP);
    }

    /// Opens the next session with another replica, before the old one ends.
    public void dialAt(int otherPort) {
        AgentCall old = call;
        port = otherPort;
        dial();
        old.close();
    }

    /// Drops the session without a word.
    public void hangUp() {
        call.close();
    }

    public boolean isOver() {
        return call.isOver();
    }

    public Status end() {
        return call.end();
    }

    public void heartbeat() {
        call.send(AgentMessage.newBuilder()
                .setHeartbeat(Heartbeat.getDefaultInstance())
                .build());
    }

    public CompletableFuture<Void> drained() {
        return drained;
    }

    private void receive(ControlMessage message) {
        switch (message.getBodyCase()) {
            case CHALLENGE -> challenged.complete(message.getChallenge());
            case WELCOME -> welcome.complete(null);
            case DELTA -> obey(message.getDelta());
            case SETUP ->
                answers.computeIfAbsent(message.getSetup().getRequestId(), id -> new CompletableFuture<>())
                        .complete(message.getSetup());
            case DRAIN -> drained.complete(null);
            case VIEW -> tellAgain(message.getView());
            case REGISTRATION, BODY_NOT_SET -> throw new AssertionError("not expected here: " + message);
        }
    }

    // --- links

    /// Answers a control plane that asks for all links, as after it has lost a report of them.
    private void tellAgain(ViewAnswer asked) {
        if (asked.getBucketsCount() > 0) {
            BucketReport.Builder report = BucketReport.newBuilder()
                    .setBucketBits(asked.getBucketBits())
                    .addAllBuckets(asked.getBucketsList());
            links.values().forEach(link -> report.addViews(view(link, LinkState.LINK_STATE_UP)));
            call.send(AgentMessage.newBuilder().setBuckets(report).build());
        }
    }

    private static TransportView.Builder view(SignedTransport link, LinkState state) {
        return TransportView.newBuilder()
                .setTransport(TransportProtos.toProto(link))
                .setState(state)
                .setRttUs(1000)
                .setMaxPayload(16_384);
    }

    void hold(SignedTransport link) {
        links.put(link.id(), link);
        report(ReportKind.REPORT_KIND_CHANGES, List.of(link), LinkState.LINK_STATE_UP);
    }

    /// Reports what it measures on a link that it holds.
    void measure(TransportId link, LinkMeasurement measured, PublicKey... relays) {
        HeldTransport held = new HeldTransport(link, measured, 16_384, List.of(relays));
        call.send(AgentMessage.newBuilder()
                .setTransports(TransportReport.newBuilder()
                        .setKind(ReportKind.REPORT_KIND_CHANGES)
                        .addViews(TransportProtos.toProto(links.get(link), LinkState.LINK_STATE_UP, held)))
                .build());
    }

    public void lose(TransportId link) {
        report(ReportKind.REPORT_KIND_CHANGES, List.of(links.remove(link)), LinkState.LINK_STATE_DOWN);
    }

    private void report(ReportKind kind, Collection<SignedTransport> reported, LinkState state) {
        TransportReport.Builder report = TransportReport.newBuilder().setKind(kind);
        reported.forEach(link -> report.addViews(view(link, state)));
        call.send(AgentMessage.newBuilder().setTransports(report).build());
    }

    // --- rules

    /// From now on rules for which this names a reason are refused.
    public void refuse(Function<Rule, Optional<RuleRefusalReason>> reason) {
        refusal = reason;
    }

    /// From now on receipts are changed so before they leave.
    public void forgeReceipts(UnaryOperator<byte[]> forgery) {
        receiptOf = forgery;
    }

    /// From now on deltas are neither applied nor answered.
    public void answerNoDelta() {
        answersDeltas = false;
    }

    public Optional<Rule> rule(RuleKey key) {
        return Optional.ofNullable(table.get(key));
    }

    public Collection<Rule> rules() {
        return table.values();
    }

    public long revision() {
        return revision;
    }

    /// Every delta that was applied.
    public List<RuleDelta> deltas() {
        return deltas;
    }

    private void obey(PushedDelta pushed) {
        if (!answersDeltas) {
            return;
        }
        SignedRuleDelta signed = RuleProtos.fromProto(pushed.getDelta());
        switch (signed.verify(key(), whitelist)) {
            case SignedRuleDelta.Verification.Trusted trusted -> apply(pushed, trusted.delta());
            case SignedRuleDelta.Verification.Refused refused ->
                throw new AssertionError("a delta that must not be obeyed: " + refused);
        }
    }

    private void apply(PushedDelta pushed, RuleDelta delta) {
        long nonce = pushed.getNonce();
        boolean snapshot = delta.kind() == RuleDelta.Kind.SNAPSHOT;
        if (!snapshot && delta.baseRevision() != revision) {
            call.send(AgentMessage.newBuilder()
                    .setNack(DeltaNack.newBuilder()
                            .setNonce(nonce)
                            .setRevision(revision)
                            .setReason(DeltaNackReason.DELTA_NACK_REASON_REVISION_GAP))
                    .build());
            return;
        }
        if (snapshot) {
            table.clear();
        }
        delta.removals().forEach(table::remove);
        DeltaAck.Builder ack = DeltaAck.newBuilder().setNonce(nonce).setRevision(delta.revision());
        for (Rule rule : delta.upserts()) {
            Optional<RuleRefusalReason> reason = refusal.apply(rule);
            if (reason.isPresent()) {
                ack.addRefused(RuleRefusal.newBuilder()
                        .setRule(RuleProtos.toProto(rule.key()))
                        .setReason(reason.get())
                        .setDetail("by " + key().hex()));
            } else {
                table.put(rule.key(), rule);
            }
        }
        revision = delta.revision();
        deltas.add(delta);
        if (ack.getRefusedCount() == 0) {
            ack.setReceipt(bytes(receiptOf.apply(RuleReceipt.sign(
                            keys, revision, pushed.getDelta().getDelta().toByteArray())
                    .bytes())));
        }
        call.send(AgentMessage.newBuilder().setAck(ack).build());
        delta.upserts().stream().filter(table::containsValue).forEach(this::probeIfMine);
    }

    /// From now on probes go this way.
    public void probe(Probing way) {
        probing = way;
    }

    private void probeIfMine(Rule rule) {
        if (rule instanceof Rule.Forward forward && forward.end() == RouteEnd.INITIATOR) {
            switch (probing) {
                case TRULY -> Thread.ofVirtual().start(() -> probeUntilAnswered(forward.route(), 500));
                case GIVES_UP ->
                    send(ProbeReport.newBuilder()
                            .setRoute(bytes(forward.route().bytes()))
                            .setUnanswered("no reply in this simulation"));
                case SILENTLY -> {}
            }
        }
    }

    private void probeUntilAnswered(RouteUid route, int left) {
        if (network.roundTrip(this, route).isPresent()) {
            send(ProbeReport.newBuilder().setRoute(bytes(route.bytes())).setAnsweredAfterUs(100));
        } else if (left > 0) {
            CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS)
                    .execute(() -> probeUntilAnswered(route, left - 1));
        }
    }

    /// Reports on a probe, also one that was never sent.
    public void send(ProbeReport.Builder report) {
        call.send(AgentMessage.newBuilder().setProbe(report).build());
    }

    /// Lets all rules of the table expire and says so.
    public void letRulesExpire() {
        RulesExpired.Builder expired = RulesExpired.newBuilder();
        table.keySet().forEach(key -> expired.addRules(RuleProtos.toProto(key)));
        table.clear();
        call.send(AgentMessage.newBuilder().setRulesExpired(expired).build());
    }

    // --- routes

    public static SetupRequest.Builder request(PublicKey destination) {
        return SetupRequest.newBuilder()
                .setRequestId(random16())
                .setSession(random16())
                .setDestination(bytes(destination.bytes()))
                .setDeadlineMs(10_000);
    }

    public static ExplicitPath via(List<SimulatedAgent> agents) {
        ExplicitPath.Builder path = ExplicitPath.newBuilder();
        agents.forEach(agent -> path.addIntermediaries(bytes(agent.key().bytes())));
        return path.build();
    }

    /// Asks for a route and waits for the answer.
    public SetupResult setUp(SetupRequest.Builder request) {
        return join(ask(request));
    }

    public CompletableFuture<SetupResult> ask(SetupRequest.Builder request) {
        CompletableFuture<SetupResult> answer = new CompletableFuture<>();
        answers.put(request.getRequestId(), answer);
        call.send(AgentMessage.newBuilder().setSetup(request).build());
        return answer;
    }

    public void closeRoute(RouteUid route) {
        call.send(AgentMessage.newBuilder()
                .setCloseRoute(
                        CloseRoute.newBuilder().setRoute(bytes(route.bytes())).setReason("the test is done"))
                .build());
    }

    @Override
    public void close() {
        call.close();
    }

    static <T> T join(CompletableFuture<T> future) {
        return future.orTimeout(Duration.ofSeconds(20).toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    static ByteString random16() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return bytes(bytes);
    }

    static ByteString bytes(byte[] bytes) {
        return ByteString.copyFrom(bytes);
    }
}
