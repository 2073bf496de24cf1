package io.skywire.node.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.netty.channel.embedded.EmbeddedChannel;
import io.skywire.node.router.QuietEnds;
import io.skywire.node.router.Router;
import io.skywire.node.rules.RuleKeeper;
import io.skywire.node.rules.RuleMemory;
import io.skywire.node.session.RouteRequests;
import io.skywire.node.transport.Transport;
import io.skywire.node.transport.TransportSnapshot;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.ControlMessage;
import io.skywire.proto.v1.DeltaNackReason;
import io.skywire.proto.v1.DialBackAnswer;
import io.skywire.proto.v1.DialBackOutcome;
import io.skywire.proto.v1.DialBackQuestion;
import io.skywire.proto.v1.DialledBack;
import io.skywire.proto.v1.Drain;
import io.skywire.proto.v1.Established;
import io.skywire.proto.v1.ExplainAnswer;
import io.skywire.proto.v1.LinkState;
import io.skywire.proto.v1.NeighboursAnswer;
import io.skywire.proto.v1.NeighboursQuestion;
import io.skywire.proto.v1.PushedDelta;
import io.skywire.proto.v1.ReportKind;
import io.skywire.proto.v1.RouteMetric;
import io.skywire.proto.v1.SetupFailure;
import io.skywire.proto.v1.SetupFailureReason;
import io.skywire.proto.v1.SetupResult;
import io.skywire.proto.v1.TransportView;
import io.skywire.proto.v1.ViewAnswer;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.node.NodeAddress;
import io.skywire.shared.node.NodeFacts;
import io.skywire.shared.node.NodeProtos;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.RuleProtos;
import io.skywire.shared.rule.RuleTableDigest;
import io.skywire.shared.rule.SessionUid;
import io.skywire.shared.rule.SignedRuleDelta;
import io.skywire.shared.transport.HeldTransport;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import io.skywire.shared.transport.ViewDigest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A node's session with a control plane over real gRPC on loopback.
class ControlLinkTest {
    private final Random random = new Random(3);
    private final KeyPair node = KeyPair.generate(random);
    private final KeyPair neighbour = KeyPair.generate(random);
    private final KeyPair service = KeyPair.generate(random);
    private final KeyPair setup = KeyPair.generate(random);
    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
    private final StillLink transport = new StillLink(node, neighbour);
    private final AtomicBoolean longLog = new AtomicBoolean();
    private final RuleKeeper keeper = new RuleKeeper(
            node.publicKey(),
            Set.of(setup.publicKey()),
            new Router(
                            new Router.Settings(10),
                            new QuietEnds(),
                            new QuietEnds(),
                            new EmbeddedChannel().eventLoop(),
                            System::nanoTime,
                            random)
                    .table(),
            InstantSource.system(),
            new RuleMemory() {
                @Override
                public List<Entry> read() {
                    return List.of();
                }

                @Override
                public void holds(int entries) {}

                @Override
                public void add(Entry entry) {}

                @Override
                public boolean wantsSnapshot() {
                    return longLog.get();
                }
            });
    private FakeControlPlane control;
    private ControlLink link;

    @BeforeEach
    void start() throws Exception {
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        control = new FakeControlPlane(service);
        link = link(Set.of(service.publicKey()));
    }

    @AfterEach
    void stop() throws Exception {
        link.close();
        executor.shutdown();
        assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        control.close();
    }

    private ControlLink link(Set<PublicKey> serviceKeys) {
        return link(serviceKeys, List.of(endpoint(control.port())));
    }

    private static ControlSettings.Endpoint endpoint(int port) {
        return new ControlSettings.Endpoint("127.0.0.1", port, new ControlSettings.Tls.Off());
    }

    private ControlLink link(Set<PublicKey> serviceKeys, List<ControlSettings.Endpoint> endpoints) {
        return new ControlLink(
                new ControlSettings(
                        endpoints,
                        serviceKeys,
                        Duration.ofSeconds(20),
                        Duration.ofMillis(10),
                        Duration.ofMillis(50),
                        Duration.ofMillis(1),
                        ControlSettings.Around.NONE),
                node,
                "test/1",
                executor,
                InstantSource.system(),
                random);
    }

    /// A node whose control plane is at a port where nobody listens, and that knows one gateway.
    private ControlLink withAGateway(PublicKey gateway) throws Exception {
        return withAGateway(gateway, freePort());
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private ControlLink withAGateway(PublicKey gateway, int nobody) {
        return new ControlLink(
                new ControlSettings(
                        List.of(new ControlSettings.Endpoint("127.0.0.1", nobody, new ControlSettings.Tls.Off())),
                        Set.of(service.publicKey()),
                        Duration.ofSeconds(20),
                        Duration.ofMillis(10),
                        Duration.ofMillis(50),
                        Duration.ofMillis(1),
                        new ControlSettings.Around(
                                List.of(gateway),
                                2,
                                Duration.ofSeconds(30),
                                Duration.ofMillis(50),
                                Duration.ofMillis(100))),
                node,
                "test/1",
                executor,
                InstantSource.system(),
                random);
    }

    @Test
    void aGatewayIsUsedWhenTheDirectWayFailsAndDirectTriesDoNotDisturbIt() throws Exception {
        PublicKey gateway = KeyPair.generate(random).publicKey();
        AtomicInteger rests = new AtomicInteger();
        ControlLink around = withAGateway(gateway);
        around.start(keeper, leadingHere(rests));
        try {
            control.next(AgentMessage.BodyCase.TRANSPORTS);
            ControlStatus first = around.status();
            for (int beat = 0; beat < 10; beat++) {
                control.next(AgentMessage.BodyCase.HEARTBEAT); // one in 100 ms: several direct tries fail meanwhile
            }

            assertThat(first).isEqualTo(around.status());
            assertThat(((ControlStatus.Connected) first).gateway()).contains(gateway);
            assertThat(((ControlStatus.Connected) first).endpoint()).isEqualTo("gateway " + gateway.hex());
            assertThat(around.opened(ControlWay.MESSAGING)).isEqualTo(1);
            assertThat(around.opened(ControlWay.DIRECT)).isZero();
            assertThat(rests).hasValue(0);
        } finally {
            around.close();
        }
    }

    /// Every gateway leads to the control plane of this test.
    private GatewayLanes leadingHere(AtomicInteger rests) {
        return new GatewayLanes() {
            @Override
            public CompletionStage<Lane> open(PublicKey gateway) {
                return CompletableFuture.completedFuture(new Lane() {
                    @Override
                    public InetSocketAddress address() {
                        return new InetSocketAddress("127.0.0.1", control.port());
                    }

                    @Override
                    public void close() {}
                });
            }

            @Override
            public void rest() {
                rests.incrementAndGet();
            }
        };
    }

    @Test
    void aDeltaGivesUpADirectTryThatHasToldAnOldRevision() throws Exception {
        int direct = freePort();
        ControlLink around = withAGateway(KeyPair.generate(random).publicKey(), direct);
        around.start(keeper, leadingHere(new AtomicInteger()));
        control.next(AgentMessage.BodyCase.TRANSPORTS);
        try (ServerSocket mute = new ServerSocket(direct, 8, InetAddress.getLoopbackAddress())) {
            mute.setSoTimeout(15_000); // gRPC itself would connect again after 20 s, the handshake's deadline too
            try (Socket first = mute.accept()) {
                RuleDelta delta = new RuleDelta(
                        node.publicKey(), RuleDelta.Kind.INCREMENT, 0, 1, List.of(), List.of(), Instant.EPOCH);
                control.say(ControlMessage.newBuilder()
                        .setDelta(PushedDelta.newBuilder()
                                .setNonce(9)
                                .setDelta(RuleProtos.toProto(SignedRuleDelta.sign(delta, setup)))));

                assertThat(control.next(AgentMessage.BodyCase.ACK).getAck().getNonce())
                        .isEqualTo(9);
                try (Socket second = mute.accept()) {
                    assertThat(second.getPort()).isNotEqualTo(first.getPort());
                }
                assertThat(((ControlStatus.Connected) around.status()).way()).isEqualTo(ControlWay.MESSAGING);
            }
        } finally {
            around.close();
        }
    }

    @Test
    void aGatewayThatRefusesIsNamedAndAskedAgain() throws Exception {
        PublicKey gateway = KeyPair.generate(random).publicKey();
        AtomicInteger asked = new AtomicInteger();
        Set<String> errors = ConcurrentHashMap.newKeySet();
        ControlLink around = withAGateway(gateway);
        around.start(keeper, new GatewayLanes() {
            @Override
            public CompletionStage<Lane> open(PublicKey unused) {
                asked.incrementAndGet();
                return CompletableFuture.failedFuture(new IOException("as many connections as it takes"));
            }

            @Override
            public void rest() {}
        });
        try {
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                ((ControlStatus.Away) around.status()).lastError().ifPresent(errors::add);
                return asked.get() > 2
                        && errors.contains("gateway " + gateway.hex() + ": as many connections as it takes");
            });
        } finally {
            around.close();
        }
    }

    private void connect() throws Exception {
        link.start(keeper, GatewayLanes.NONE);
        control.next(AgentMessage.BodyCase.TRANSPORTS);
    }

    private RouteRequests.Request request(Duration deadline) {
        return new RouteRequests.Request(
                SessionUid.random(random), neighbour.publicKey(), RouteRequests.Path.Any.ROUTE, deadline);
    }

    @Test
    void asksToBeDialledBackAndWhoElseCanBeDialled() throws Exception {
        control.dialBack();
        connect();
        CompletableFuture<DialBack> answer =
                link.dialBack(List.of("192.0.2.7:7777")).toCompletableFuture();
        CompletableFuture<KnownReach> known =
                link.reachOf(List.of(neighbour.publicKey())).toCompletableFuture();

        DialBackQuestion question =
                control.next(AgentMessage.BodyCase.DIAL_BACK).getDialBack();
        NeighboursQuestion others =
                control.next(AgentMessage.BodyCase.NEIGHBOURS).getNeighbours();
        assertThat(question.getAddressesList()).containsExactly("192.0.2.7:7777");
        control.say(ControlMessage.newBuilder()
                .setDialledBack(DialBackAnswer.newBuilder()
                        .setQuestionId(question.getQuestionId())
                        .setSeen("198.51.100.9")
                        .addAddresses(DialledBack.newBuilder()
                                .setAsked("192.0.2.7:7777")
                                .setDialled("198.51.100.9:7777")
                                .setOutcome(DialBackOutcome.DIAL_BACK_OUTCOME_REFUSED)
                                .setDetail("Connection refused"))));
        control.say(ControlMessage.newBuilder()
                .setNeighbours(NeighboursAnswer.newBuilder()
                        .setQuestionId(others.getQuestionId())
                        .addAllUnreachable(others.getNodesList())));

        assertThat(answer.get(30, TimeUnit.SECONDS))
                .isEqualTo(new DialBack.Told(
                        "198.51.100.9",
                        List.of(new DialBack.Dialled(
                                "192.0.2.7:7777",
                                "198.51.100.9:7777",
                                DialBack.Outcome.REFUSED,
                                "Connection refused"))));
        assertThat(known.get(30, TimeUnit.SECONDS)).isEqualTo(new KnownReach(Set.of(), Set.of(neighbour.publicKey())));
        assertThat(link.clockOffset())
                .hasValueSatisfying(offset -> assertThat(offset)
                        .as("a control plane that lives in 1970")
                        .isNegative());
    }

    @Test
    void anOlderControlPlaneIsNotAskedToDial() throws Exception {
        connect();

        assertThat(link.dialBack(List.of("192.0.2.7:7777"))
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS))
                .isEqualTo(new DialBack.Unanswered("this control plane dials nobody back"));
        assertThat(link.reachOf(List.of(neighbour.publicKey()))
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS))
                .isEqualTo(KnownReach.NOTHING);
        assertThat(link.clockOffset()).isEmpty();
    }

    @Test
    void aQuestionEndsWithItsSession() throws Exception {
        control.dialBack();
        connect();
        CompletableFuture<DialBack> answer =
                link.dialBack(List.of("192.0.2.7:7777")).toCompletableFuture();
        control.next(AgentMessage.BodyCase.DIAL_BACK);

        control.endSession();

        assertThat(answer.get(30, TimeUnit.SECONDS)).isInstanceOf(DialBack.Unanswered.class);
    }

    @Test
    void bothSidesProveTheirKeysAndTheNodeReportsItsLinks() throws Exception {
        link.up(transport);
        link.start(keeper, GatewayLanes.NONE);

        AgentMessage report = control.next(AgentMessage.BodyCase.TRANSPORTS);

        assertThat(control.proofHeld()).isTrue();
        assertThat(report.getTransports().getKind()).isEqualTo(ReportKind.REPORT_KIND_WHOLE_VIEW);
        assertThat(report.getTransports().getViewsList()).hasSize(1);
        assertThat(report.getTransports().getViews(0).getState()).isEqualTo(LinkState.LINK_STATE_UP);
        control.next(AgentMessage.BodyCase.HEARTBEAT);
        assertThat(link.status()).isInstanceOf(ControlStatus.Connected.class);
    }

    private RouteWhy why() {
        return new RouteWhy(neighbour.publicKey(), RouteWhy.Metric.HOPS, 2, 0, List.of(setup.publicKey()));
    }

    @Test
    void handsOnWhatTheControlPlaneExplains() throws Exception {
        connect();
        var answer = link.why(why()).toCompletableFuture();

        var question = control.next(AgentMessage.BodyCase.EXPLAIN).getExplain();
        control.say(ControlMessage.newBuilder()
                .setExplained(ExplainAnswer.newBuilder()
                        .setQuestionId(question.getQuestionId())
                        .setExplanation("{}")));

        assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo(new RouteWhy.Answer.Told("{}"));
        assertThat(question.getTo().toByteArray())
                .isEqualTo(neighbour.publicKey().bytes());
        assertThat(question.getMetric()).isEqualTo(RouteMetric.ROUTE_METRIC_HOPS);
        assertThat(question.getMinHops()).isEqualTo(2);
        assertThat(question.getAvoidNodesList()).hasSize(1);
    }

    @Test
    void whoAsksWhyLearnsThatTheSessionEnded() throws Exception {
        connect();
        var answer = link.why(why()).toCompletableFuture();
        control.next(AgentMessage.BodyCase.EXPLAIN);

        control.endSession();

        assertThat(answer.get(30, TimeUnit.SECONDS)).isInstanceOf(RouteWhy.Answer.Away.class);
    }

    @Test
    void doesNotAskAControlPlaneThatCannotExplain() throws Exception {
        control.doNotExplain();
        connect();

        assertThat(link.why(why()).toCompletableFuture().get(30, TimeUnit.SECONDS))
                .isEqualTo(new RouteWhy.Answer.Away("this control plane does not explain routes"));
    }

    @Test
    void staysAwayFromAControlPlaneWhoseKeyItDoesNotKnow() throws Exception {
        link.close();
        link = link(Set.of(setup.publicKey()));
        link.start(keeper, GatewayLanes.NONE);

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(link.status()).isInstanceOf(ControlStatus.Away.class);
            assertThat(((ControlStatus.Away) link.status()).lastError().orElse(""))
                    .contains(service.publicKey().hex())
                    .contains("not in service_keys");
        });
        assertThat(control.proofHeld()).isFalse();
    }

    @Test
    void reportsWhatChangesAndIsSilentAboutNoise() throws Exception {
        connect();
        link.up(transport);
        assertThat(control.next(AgentMessage.BodyCase.TRANSPORTS)
                        .getTransports()
                        .getViews(0)
                        .getState())
                .isEqualTo(LinkState.LINK_STATE_UP);

        link.measured(
                transport.id(), new LinkMeasurement(Optional.of(Duration.ofMillis(10)), 20_000, 300_000, 5_000_000));
        assertThat(control.next(AgentMessage.BodyCase.TRANSPORTS)
                        .getTransports()
                        .getViews(0))
                .extracting(
                        TransportView::getState,
                        TransportView::getRttUs,
                        TransportView::getLoss,
                        TransportView::getLoad,
                        TransportView::getThroughputBytesPerSecond)
                .containsExactly(LinkState.LINK_STATE_UP, 10_000, 20_000, 300_000, 5_000_000L);
        link.measured(
                transport.id(), new LinkMeasurement(Optional.of(Duration.ofMillis(11)), 21_000, 300_000, 5_100_000));
        link.down(transport, "gone");

        AgentMessage last = control.next(AgentMessage.BodyCase.TRANSPORTS);
        assertThat(last.getTransports().getViews(0).getState()).isEqualTo(LinkState.LINK_STATE_DOWN);
    }

    @Test
    void acknowledgesAGoodDeltaAndNacksAStrangersWithTheReason() throws Exception {
        connect();
        RuleDelta snapshot =
                new RuleDelta(node.publicKey(), RuleDelta.Kind.SNAPSHOT, 0, 7, List.of(), List.of(), Instant.EPOCH);

        control.say(push(1, SignedRuleDelta.sign(snapshot, neighbour)));
        AgentMessage nack = control.next(AgentMessage.BodyCase.NACK);
        assertThat(nack.getNack().getReason()).isEqualTo(DeltaNackReason.DELTA_NACK_REASON_UNLISTED_SIGNER);
        assertThat(nack.getNack().getNonce()).isEqualTo(1);
        assertThat(nack.getNack().getRevision()).isZero();

        control.say(push(2, SignedRuleDelta.sign(snapshot, setup)));
        AgentMessage ack = control.next(AgentMessage.BodyCase.ACK);
        assertThat(ack.getAck().getNonce()).isEqualTo(2);
        assertThat(ack.getAck().getRevision()).isEqualTo(7);

        control.endSession();
        assertThat(control.next(AgentMessage.BodyCase.HELLO).getHello().getAppliedRevision())
                .isEqualTo(7);
    }

    private static ControlMessage.Builder push(long nonce, SignedRuleDelta delta) {
        return ControlMessage.newBuilder()
                .setDelta(PushedDelta.newBuilder().setNonce(nonce).setDelta(RuleProtos.toProto(delta)));
    }

    @Test
    void inALaterSessionTellsADigestAndThenOnlyTheBucketsThatDiffer() throws Exception {
        control.takeDigests();
        link.up(transport);
        connect();
        link.measured(transport.id(), LinkMeasurement.ofRoundTrip(Optional.of(Duration.ofMillis(10))));
        control.next(AgentMessage.BodyCase.TRANSPORTS);

        control.endSession();
        var digest = control.next(AgentMessage.BodyCase.VIEW_DIGEST).getViewDigest();
        assertThat(digest.getCount()).isEqualTo(1);
        assertThat(digest.getBuckets().toByteArray())
                .isEqualTo(ViewDigest.of(List.of(new HeldTransport(transport.id(), 10_000, 16_000)))
                        .buckets());

        control.say(ControlMessage.newBuilder()
                .setView(ViewAnswer.newBuilder().setBucketBits(0).addBuckets(0)));
        var buckets = control.next(AgentMessage.BodyCase.BUCKETS).getBuckets();
        assertThat(buckets.getBucketsList()).containsExactly(0);
        assertThat(buckets.getViewsList()).hasSize(1);
        assertThat(buckets.getViews(0).getRttUs()).isEqualTo(10_000);
    }

    @Test
    void saysWhatItsRuleTableComesTo() throws Exception {
        connect();
        control.endSession();

        assertThat(control.next(AgentMessage.BodyCase.HELLO)
                        .getHello()
                        .getRulesDigest()
                        .toByteArray())
                .isEqualTo(RuleTableDigest.of(List.of()).bytes());
    }

    @Test
    void tellsInTheNextSessionWhichRulesIdledOutInBetween() throws Exception {
        RuleKey key = new RuleKey.ForwardOf(RouteUid.random(random));
        link.expired(List.of(key));
        connect();

        var expired = control.next(AgentMessage.BodyCase.RULES_EXPIRED).getRulesExpired();

        assertThat(expired.getRulesList()).containsExactly(RuleProtos.toProto(key));
    }

    @Test
    void leavesAControlPlaneThatAsksForBucketsThatCannotBe() throws Exception {
        control.takeDigests();
        connect();
        control.say(ControlMessage.newBuilder()
                .setView(ViewAnswer.newBuilder().setBucketBits(9).addBuckets(0)));

        control.next(AgentMessage.BodyCase.HELLO);
    }

    @Test
    void tellsWhatItIsInEverySessionAndAgainWhenThatChanges() throws Exception {
        NodeFacts facts = NodeFacts.publicAt(List.of(new NodeAddress("192.0.2.7", 7777)));
        link.tell(NodeFacts.HIDDEN);
        connect();
        assertThat(control.next(AgentMessage.BodyCase.FACTS).getFacts().getPublic())
                .isFalse();

        link.tell(facts);
        assertThat(NodeProtos.fromProto(
                        control.next(AgentMessage.BodyCase.FACTS).getFacts()))
                .isEqualTo(facts);

        control.endSession();
        control.next(AgentMessage.BodyCase.HELLO);
        assertThat(NodeProtos.fromProto(
                        control.next(AgentMessage.BodyCase.FACTS).getFacts()))
                .isEqualTo(facts);
    }

    @Test
    void asksForARouteAndHearsTheAnswer() throws Exception {
        connect();
        RouteUid route = RouteUid.random(random);

        var answer = link.request(request(Duration.ofSeconds(30))).toCompletableFuture();
        var asked = control.next(AgentMessage.BodyCase.SETUP).getSetup();
        control.say(ControlMessage.newBuilder()
                .setSetup(SetupResult.newBuilder()
                        .setRequestId(asked.getRequestId())
                        .setEstablished(Established.newBuilder()
                                .setRoute(ByteString.copyFrom(route.bytes()))
                                .setHops(4)
                                .setAttempts(1))));

        assertThat(asked.getDestination().toByteArray())
                .isEqualTo(neighbour.publicKey().bytes());
        assertThat(answer.get(30, TimeUnit.SECONDS))
                .isEqualTo(new RouteRequests.Answer.Established(route, 4, 1, List.of()));
    }

    @Test
    void asksForARouteThatIsDisjointFromAnother() throws Exception {
        connect();
        RouteUid other = RouteUid.random(random);

        var unused = link.request(new RouteRequests.Request(
                SessionUid.random(random),
                neighbour.publicKey(),
                RouteRequests.Path.Any.ROUTE.besides(other),
                Duration.ofSeconds(30)));
        var asked = control.next(AgentMessage.BodyCase.SETUP).getSetup();

        assertThat(asked.getConstraints().getDisjointFrom().toByteArray()).isEqualTo(other.bytes());
    }

    @Test
    void aFailureNamesHopAndReason() throws Exception {
        connect();

        var answer = link.request(request(Duration.ofSeconds(30))).toCompletableFuture();
        var asked = control.next(AgentMessage.BodyCase.SETUP).getSetup();
        control.say(ControlMessage.newBuilder()
                .setSetup(SetupResult.newBuilder()
                        .setRequestId(asked.getRequestId())
                        .setFailure(SetupFailure.newBuilder()
                                .setReason(SetupFailureReason.SETUP_FAILURE_REASON_REFUSED)
                                .setHasHop(true)
                                .setHop(2)
                                .setDetail("table full"))));

        assertThat(answer.get(30, TimeUnit.SECONDS))
                .isEqualTo(new RouteRequests.Answer.Failed(
                        RouteRequests.Reason.REFUSED, OptionalInt.of(2), "table full", List.of()));
    }

    @Test
    void aRequestThatOutlivesItsSessionIsAskedAgainUnderTheSameId() throws Exception {
        connect();
        var answer = link.request(request(Duration.ofSeconds(60))).toCompletableFuture();
        var first = control.next(AgentMessage.BodyCase.SETUP).getSetup();

        control.say(ControlMessage.newBuilder().setDrain(Drain.newBuilder().setReason("rolling update")));
        var second = control.next(AgentMessage.BodyCase.SETUP).getSetup();

        assertThat(second.getRequestId()).isEqualTo(first.getRequestId());
        assertThat(answer).isNotDone();
    }

    @Test
    void aRequestBetweenTwoSessionsIsAskedInTheNext() throws Exception {
        var answer = link.request(request(Duration.ofSeconds(60))).toCompletableFuture();
        connect();

        assertThat(control.next(AgentMessage.BodyCase.SETUP).getSetup().getDeadlineMs())
                .isPositive();
        assertThat(answer).isNotDone();
    }

    @Test
    void asksForASnapshotOnceWhenItsLogIsLong() throws Exception {
        longLog.set(true);
        connect();
        control.next(AgentMessage.BodyCase.SNAPSHOT_WANTED);
        control.say(ControlMessage.newBuilder().setDelta(firstDelta()));
        control.next(AgentMessage.BodyCase.ACK);
        control.next(AgentMessage.BodyCase.HEARTBEAT);

        assertThat(control.heard(AgentMessage.BodyCase.SNAPSHOT_WANTED)).isEqualTo(1);
    }

    private PushedDelta firstDelta() {
        return deltaFrom(0);
    }

    private PushedDelta deltaFrom(long base) {
        RuleDelta delta = new RuleDelta(
                node.publicKey(), RuleDelta.Kind.INCREMENT, base, base + 1, List.of(), List.of(), Instant.EPOCH);
        return PushedDelta.newBuilder()
                .setNonce(1)
                .setDelta(RuleProtos.toProto(SignedRuleDelta.sign(delta, setup)))
                .build();
    }

    @Test
    void goesToAnotherControlPlaneBeforeItLeavesTheOneThatAsksToBeLeft() throws Exception {
        try (FakeControlPlane other = new FakeControlPlane(service)) {
            ControlLink both =
                    link(Set.of(service.publicKey()), List.of(endpoint(control.port()), endpoint(other.port())));
            both.start(keeper, GatewayLanes.NONE);
            try {
                await().atMost(Duration.ofSeconds(30)).until(() -> both.status() instanceof ControlStatus.Connected);
                boolean isHere = control.hasAgent();
                FakeControlPlane from = isHere ? control : other;
                FakeControlPlane to = isHere ? other : control;

                from.say(ControlMessage.newBuilder().setDrain(Drain.newBuilder().setReason("too many here")));

                to.next(AgentMessage.BodyCase.PROOF);
                to.next(AgentMessage.BodyCase.TRANSPORTS);
                from.awaitLeft();
                assertThat(both.status()).isInstanceOf(ControlStatus.Connected.class);
                assertThat(both.opened(ControlWay.DIRECT)).isEqualTo(2);
            } finally {
                both.close();
            }
        }
    }

    @Test
    void aDeltaThatComesMeanwhileDoesNotUndoAMoveThatIsProven() throws Exception {
        try (FakeControlPlane other = new FakeControlPlane(service)) {
            ControlLink both =
                    link(Set.of(service.publicKey()), List.of(endpoint(control.port()), endpoint(other.port())));
            both.start(keeper, GatewayLanes.NONE);
            try {
                await().atMost(Duration.ofSeconds(30)).until(() -> both.status() instanceof ControlStatus.Connected);
                FakeControlPlane from = control.hasAgent() ? control : other;
                FakeControlPlane to = control.hasAgent() ? other : control;
                to.welcomeLater();
                from.say(ControlMessage.newBuilder().setDrain(Drain.newBuilder().setReason("rolling update")));
                to.next(AgentMessage.BodyCase.PROOF);

                from.say(ControlMessage.newBuilder().setDelta(firstDelta()));
                from.next(AgentMessage.BodyCase.ACK);
                to.welcome();

                to.next(AgentMessage.BodyCase.TRANSPORTS);
                from.awaitLeft();
                assertThat(to.heard(AgentMessage.BodyCase.PROOF)).isEqualTo(1);
            } finally {
                both.close();
            }
        }
    }

    @Test
    void aNodeThatIsToldItsRulesAllTheTimeMovesAllTheSame() throws Exception {
        try (FakeControlPlane other = new FakeControlPlane(service)) {
            ControlLink both =
                    link(Set.of(service.publicKey()), List.of(endpoint(control.port()), endpoint(other.port())));
            both.start(keeper, GatewayLanes.NONE);
            try {
                await().atMost(Duration.ofSeconds(30)).until(() -> both.status() instanceof ControlStatus.Connected);
                FakeControlPlane from = control.hasAgent() ? control : other;
                FakeControlPlane to = control.hasAgent() ? other : control;
                to.challengeLater();
                from.say(ControlMessage.newBuilder().setDrain(Drain.newBuilder().setReason("rolling update")));
                for (int revision = 0; revision < 3; revision++) {
                    to.next(AgentMessage.BodyCase.HELLO);
                    from.say(ControlMessage.newBuilder().setDelta(deltaFrom(revision)));
                    from.next(AgentMessage.BodyCase.ACK);
                }
                from.say(ControlMessage.newBuilder().setDelta(deltaFrom(3)));
                from.next(AgentMessage.BodyCase.ACK);

                to.challenge();

                to.next(AgentMessage.BodyCase.TRANSPORTS);
                from.awaitLeft();
                assertThat(to.heard(AgentMessage.BodyCase.HELLO)).isEqualTo(3);
            } finally {
                both.close();
            }
        }
    }

    @Test
    void whatItSaidOfAProbeIsSaidAgainInTheNextSession() throws Exception {
        connect();
        RouteUid route = RouteUid.random(random);
        link.answered(route, Duration.ofMillis(5));
        control.next(AgentMessage.BodyCase.PROBE);

        control.endSession();

        assertThat(control.next(AgentMessage.BodyCase.PROBE)
                        .getProbe()
                        .getRoute()
                        .toByteArray())
                .isEqualTo(route.bytes());
    }

    @Test
    void staysWhereItIsAskedToLeaveWhileThereIsNowhereElseToGo() throws Exception {
        ControlLink both = link(Set.of(service.publicKey()), List.of(endpoint(control.port()), endpoint(freePort())));
        both.start(keeper, GatewayLanes.NONE);
        try {
            control.next(AgentMessage.BodyCase.TRANSPORTS);
            ControlStatus before = both.status();
            control.drainOnly();

            control.say(ControlMessage.newBuilder().setDrain(Drain.newBuilder().setReason("rolling update")));

            for (int beat = 0; beat < 5; beat++) {
                control.next(AgentMessage.BodyCase.HEARTBEAT);
            }
            assertThat(both.status()).isEqualTo(before);
        } finally {
            both.close();
        }
    }

    @Test
    void nodesSpreadOverTheControlPlanesThatAreWell() {
        List<ControlSettings.Endpoint> all = List.of(endpoint(1), endpoint(2), endpoint(3));
        AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
        EndpointChoice choice = new EndpointChoice(all, now::get, random);

        assertThat(picks(choice)).containsExactlyInAnyOrderElementsOf(all);
        choice.failed(all.get(1));
        assertThat(picks(choice)).containsExactlyInAnyOrder(all.get(0), all.get(2));

        now.set(now.get().plusSeconds(1));
        choice.failed(all.get(0));
        choice.failed(all.get(2));
        assertThat(picks(choice)).containsExactly(all.get(1));

        choice.worked(all.get(2));
        assertThat(picks(choice)).containsExactly(all.get(2));
        now.set(now.get().plusSeconds(60));
        assertThat(picks(choice)).containsExactlyInAnyOrderElementsOf(all);
    }

    private static Set<ControlSettings.Endpoint> picks(EndpointChoice choice) {
        return IntStream.range(0, 200).mapToObj(i -> choice.next()).collect(Collectors.toSet());
    }

    @Test
    void aRouteThatNobodyNeedsIsClosedAgainInTheNextSessionUntilItIsGone() throws Exception {
        connect();
        RouteUid kept = RouteUid.random(random);
        RouteUid gone = RouteUid.random(random);
        link.close(kept, "hung up");
        control.next(AgentMessage.BodyCase.CLOSE_ROUTE);
        link.close(gone, "hung up");
        control.next(AgentMessage.BodyCase.CLOSE_ROUTE);
        link.gone(gone);

        control.endSession();
        var again = control.next(AgentMessage.BodyCase.CLOSE_ROUTE).getCloseRoute();

        assertThat(again.getRoute().toByteArray()).isEqualTo(kept.bytes());
    }

    @Test
    void givesUpOnASilentControlPlaneAtTheDeadline() throws Exception {
        connect();

        var answer = link.request(request(Duration.ofMillis(50)))
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);

        assertThat(((RouteRequests.Answer.Failed) answer).reason()).isEqualTo(RouteRequests.Reason.DEADLINE);
    }

    @Test
    void saysSoonThatTheControlPlaneIsAway() throws Exception {
        var answer = link.request(request(Duration.ofSeconds(60)))
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);

        assertThat(((RouteRequests.Answer.Failed) answer).reason()).isEqualTo(RouteRequests.Reason.CONTROL_PLANE_AWAY);
    }

    /// A link that is only named.
    private record StillLink(SignedTransport signed, PublicKey remote) implements Transport {
        StillLink(KeyPair us, KeyPair neighbour) {
            this(
                    SignedTransport.signedByBoth(
                            TransportEntry.between(us.publicKey(), neighbour.publicKey(), TransportType.TCP),
                            us,
                            neighbour),
                    neighbour.publicKey());
        }

        @Override
        public int maxPayload() {
            return 16_000;
        }

        @Override
        public void send(byte[] packet, int offset, int length) {}

        @Override
        public void flush() {}

        @Override
        public TransportSnapshot snapshot() {
            throw new IllegalStateException("nobody asks this link for its counters");
        }

        @Override
        public void close(String reason) {}
    }
}
