package io.skywire.control.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.zaxxer.hikari.HikariDataSource;
import io.grpc.Status;
import io.skywire.control.discovery.TransportRegistry;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestDatabase;
import io.skywire.control.testing.TestKeys;
import io.skywire.proto.v1.AgentMessage;
import io.skywire.proto.v1.BucketReport;
import io.skywire.proto.v1.Challenge;
import io.skywire.proto.v1.ControlMessage;
import io.skywire.proto.v1.ExplainAnswer;
import io.skywire.proto.v1.ExplainQuestion;
import io.skywire.proto.v1.Heartbeat;
import io.skywire.proto.v1.Hello;
import io.skywire.proto.v1.LinkState;
import io.skywire.proto.v1.PairAnswer;
import io.skywire.proto.v1.PairRefusalReason;
import io.skywire.proto.v1.Proof;
import io.skywire.proto.v1.ReportKind;
import io.skywire.proto.v1.RoutePair;
import io.skywire.proto.v1.RoutesAnswer;
import io.skywire.proto.v1.RoutesQuestion;
import io.skywire.proto.v1.TransportReport;
import io.skywire.proto.v1.TransportView;
import io.skywire.proto.v1.ViewAnswer;
import io.skywire.shared.auth.SessionProof;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.HeldTransport;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportProtos;
import io.skywire.shared.transport.TransportType;
import io.skywire.shared.transport.ViewDigest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/// After a reconnect both sides compare what they hold and exchange only the difference: over real gRPC and PostgreSQL.
final class ViewExchangeIT {
    private static final int NEIGHBOURS = 20;
    private static final List<KeyPair> NEIGHBOUR_KEYS = TestKeys.pairs(NEIGHBOURS, 7001);
    private static final AtomicInteger SEED = new AtomicInteger(7100);

    @TempDir
    static Path keyFiles;

    private static TestDatabase database;
    private static TestControlPlane controlPlane;
    private static HikariDataSource pool;
    private static JdbcTemplate jdbc;

    private final KeyPair keys = TestKeys.pairs(1, SEED.incrementAndGet()).getFirst();
    private final List<SignedTransport> links = NEIGHBOUR_KEYS.stream()
            .map(neighbour -> SignedTransport.signedByBoth(
                    TransportEntry.between(keys.publicKey(), neighbour.publicKey(), TransportType.TCP),
                    keys,
                    neighbour))
            .toList();

    /// What this node holds: its links that are up, with their round trips.
    private final Map<TransportId, TransportView> held = new LinkedHashMap<>();

    private final List<AgentCall> calls = new ArrayList<>();

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        controlPlane = TestControlPlane.start(
                database.url(),
                keyFiles,
                Map.of("skywire.discovery.lease", "600s", "skywire.discovery.heartbeat", "200s"));
        pool = database.pool(2);
        jdbc = new JdbcTemplate(pool);
    }

    @AfterAll
    static void stop() {
        controlPlane.close();
        pool.close();
        database.close();
    }

    @AfterEach
    void hangUp() {
        calls.forEach(AgentCall::close);
    }

    // --- the node

    private AgentCall dial() {
        calls.forEach(AgentCall::close);
        AgentCall call = new AgentCall(controlPlane.grpcPort());
        calls.add(call);
        byte[] nonce = new byte[SessionProof.NONCE_LENGTH];
        call.send(AgentMessage.newBuilder()
                .setHello(Hello.newBuilder()
                        .setNode(bytes(keys.publicKey().bytes()))
                        .setNonce(bytes(nonce)))
                .build());
        Challenge challenge = call.next().getChallenge();
        byte[] signed = SessionProof.ofAgent(
                challenge.getNonce().toByteArray(),
                nonce,
                PublicKey.of(challenge.getServiceKey().toByteArray()));
        call.send(AgentMessage.newBuilder()
                .setProof(
                        Proof.newBuilder().setSignature(bytes(keys.sign(signed).bytes())))
                .build());
        assertThat(call.next().getWelcome().getTakesDigests()).isTrue();
        return call;
    }

    private void hold(int link, int rttUs) {
        held.put(links.get(link).id(), view(link, rttUs, LinkState.LINK_STATE_UP));
    }

    private TransportView view(int link, int rttUs, LinkState state) {
        return TransportView.newBuilder()
                .setTransport(TransportProtos.toProto(links.get(link)))
                .setState(state)
                .setRttUs(rttUs)
                .setMaxPayload(16_384)
                .build();
    }

    private static void report(AgentCall call, ReportKind kind, Collection<TransportView> views) {
        call.send(AgentMessage.newBuilder()
                .setTransports(TransportReport.newBuilder().setKind(kind).addAllViews(views))
                .build());
    }

    private void reportWhole(AgentCall call) {
        report(call, ReportKind.REPORT_KIND_WHOLE_VIEW, held.values());
        settled(call);
    }

    /// A question is answered after what came before it.
    private RoutesAnswer settled(AgentCall call) {
        call.send(question(pair(keys.publicKey().bytes(), keys.publicKey().bytes())));
        ControlMessage answer = call.next();
        assertThat(answer.hasRoutes()).as(answer.toString()).isTrue();
        return answer.getRoutes();
    }

    private ViewDigest digest() {
        return ViewDigest.of(held.values().stream()
                .map(view -> new HeldTransport(
                        TransportId.of(view.getTransport().getId().toByteArray()),
                        TransportProtos.measurement(view),
                        view.getMaxPayload(),
                        TransportProtos.relays(view)))
                .toList());
    }

    private ViewAnswer compare(AgentCall call) {
        ViewDigest digest = digest();
        call.send(AgentMessage.newBuilder()
                .setViewDigest(io.skywire.proto.v1.ViewDigest.newBuilder()
                        .setCount(digest.count())
                        .setBucketBits(digest.bits())
                        .setBuckets(bytes(digest.buckets())))
                .build());
        return call.next().getView();
    }

    private BucketReport buckets(ViewAnswer asked) {
        BucketReport.Builder report =
                BucketReport.newBuilder().setBucketBits(asked.getBucketBits()).addAllBuckets(asked.getBucketsList());
        held.forEach((id, view) -> {
            if (asked.getBucketsList().contains(ViewDigest.bucketOf(id, asked.getBucketBits()))) {
                report.addViews(view);
            }
        });
        return report.build();
    }

    private ViewAnswer tellDifference(AgentCall call, ViewAnswer asked) {
        call.send(AgentMessage.newBuilder().setBuckets(buckets(asked)).build());
        return call.next().getView();
    }

    // --- what is stored

    private Map<TransportId, Integer> stored() {
        Map<TransportId, Integer> stored = new HashMap<>();
        jdbc.query(
                "SELECT transport_id, coalesce(rtt_us, 0) FROM transport_views WHERE edge = ? AND state = 'UP'",
                row -> {
                    stored.put(new TransportId(row.getObject(1, UUID.class)), row.getInt(2));
                },
                (Object) keys.publicKey().bytes());
        return stored;
    }

    private Map<TransportId, Integer> heldNow() {
        Map<TransportId, Integer> now = new HashMap<>();
        held.forEach((id, view) -> now.put(id, view.getRttUs()));
        return now;
    }

    private void age() {
        jdbc.update("UPDATE transport_views SET lease_until = now() + interval '1 second' WHERE edge = ?", (Object)
                keys.publicKey().bytes());
    }

    private long renewed() {
        return jdbc.queryForObject(
                "SELECT count(*) FROM transport_views WHERE edge = ? AND state = 'UP'"
                        + " AND lease_until > now() + interval '500 seconds'",
                Long.class,
                (Object) keys.publicKey().bytes());
    }

    private static ByteString bytes(byte[] bytes) {
        return ByteString.copyFrom(bytes);
    }

    // --- views

    @Test
    void agreesWithANodeThatHoldsTheSameAndRenewsItsLeases() {
        hold(1, 100);
        hold(2, 0);
        hold(3, 300);
        reportWhole(dial());
        age();

        ViewAnswer answer = compare(dial());

        assertThat(answer.getBucketsList()).isEmpty();
        assertThat(renewed()).isEqualTo(3);
    }

    @Test
    void agreesOnWhatIsMeasuredToo() {
        hold(1, 100);
        hold(2, 100);
        held.computeIfPresent(
                links.get(1).id(),
                (id, view) -> view.toBuilder()
                        .setLoss(30_000)
                        .setLoad(400_000)
                        .setThroughputBytesPerSecond(5_000_000_000L)
                        .build());
        reportWhole(dial());

        assertThat(compare(dial()).getBucketsList()).isEmpty();

        held.computeIfPresent(
                links.get(1).id(),
                (id, view) -> view.toBuilder().setLoss(30_001).build());
        assertThat(compare(dial()).getBucketsList())
                .containsExactly(ViewDigest.bucketOf(links.get(1).id(), digest().bits()));
    }

    @Test
    void refusesAMeasurementThatCannotBeAndKeepsTheOldOne() {
        hold(1, 100);
        AgentCall call = dial();
        reportWhole(call);

        report(
                call,
                ReportKind.REPORT_KIND_CHANGES,
                List.of(view(1, 200, LinkState.LINK_STATE_UP).toBuilder()
                        .setLoss(1_000_001)
                        .build()));
        String refusal = call.next().getRegistration().getRefusal();
        report(
                call,
                ReportKind.REPORT_KIND_CHANGES,
                List.of(view(1, 200, LinkState.LINK_STATE_UP).toBuilder()
                        .addAllRelays(java.util.Collections.nCopies(9, bytes(new byte[33])))
                        .build()));
        String refusalOfRelays = call.next().getRegistration().getRefusal();

        assertThat(refusal).isEqualTo("MALFORMED: loss is a share in millionths, 0 to 1000000, not 1000001");
        assertThat(refusalOfRelays).isEqualTo("a view names at most 8 relays, not 9");
        assertThat(stored()).isEqualTo(heldNow());
    }

    @Test
    void agreesThatThereIsNothing() {
        assertThat(compare(dial()).getBucketsList()).isEmpty();
    }

    @Test
    void asksOnlyForTheBucketsThatDiffer() {
        for (int link = 0; link < NEIGHBOURS; link++) {
            hold(link, 100);
        }
        reportWhole(dial());
        age();
        hold(4, 999);
        held.remove(links.get(9).id());

        AgentCall call = dial();
        ViewAnswer asked = compare(call);
        Set<Integer> expected = new HashSet<>(List.of(
                ViewDigest.bucketOf(links.get(4).id(), asked.getBucketBits()),
                ViewDigest.bucketOf(links.get(9).id(), asked.getBucketBits())));
        assertThat(Set.copyOf(asked.getBucketsList())).isEqualTo(expected);
        assertThat(buckets(asked).getViewsCount()).isLessThan(NEIGHBOURS / 2);
        assertThat(tellDifference(call, asked).getBucketsList()).isEmpty();

        assertThat(stored()).isEqualTo(heldNow());
        assertThat(renewed()).isEqualTo(NEIGHBOURS - 1);
    }

    @Test
    void bringsBackWhatExpiredWhileTheNodeWasAway() {
        hold(1, 100);
        hold(2, 100);
        reportWhole(dial());
        jdbc.update("UPDATE transport_views SET state = 'EXPIRED' WHERE edge = ?", (Object)
                keys.publicKey().bytes());

        assertThat(compare(dial()).getBucketsList()).isEmpty();

        assertThat(stored()).isEqualTo(heldNow());
        assertThat(renewed()).isEqualTo(2);
    }

    @Test
    void takesOverWhatAStockRegistrationSaidOfTheNode() {
        hold(1, 100);
        reportWhole(dial());
        jdbc.update("UPDATE transport_views SET stock = true WHERE edge = ?", (Object)
                keys.publicKey().bytes());

        AgentCall call = dial();
        ViewAnswer asked = compare(call);
        assertThat(asked.getBucketsList()).isNotEmpty();
        tellDifference(call, asked);

        assertThat(jdbc.queryForObject(
                        "SELECT bool_or(stock) FROM transport_views WHERE edge = ?", Boolean.class, (Object)
                                keys.publicKey().bytes()))
                .isFalse();
    }

    @Test
    void aHeartbeatRenewsNothingBeforeBothSidesAgree() {
        hold(1, 100);
        reportWhole(dial());
        age();
        held.clear();
        AgentCall call = dial();
        compare(call);

        call.send(AgentMessage.newBuilder()
                .setHeartbeat(Heartbeat.getDefaultInstance())
                .build());
        settled(call);

        assertThat(renewed()).isZero();
    }

    @Test
    void aHeartbeatRenewsAllLeasesOfTheNode() {
        hold(1, 100);
        hold(2, 100);
        AgentCall call = dial();
        reportWhole(call);
        age();

        call.send(AgentMessage.newBuilder()
                .setHeartbeat(Heartbeat.getDefaultInstance())
                .build());

        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> renewed() == 2);
    }

    @Test
    void refusesBucketsThatNobodyAskedFor() {
        AgentCall call = dial();
        call.send(AgentMessage.newBuilder()
                .setBuckets(BucketReport.newBuilder().setBucketBits(1).addBuckets(0))
                .build());

        assertThat(call.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void refusesATransportOutsideOfTheBucketsThatWereAskedFor() {
        for (int link = 0; link < NEIGHBOURS; link++) {
            hold(link, 100);
        }
        reportWhole(dial());
        hold(4, 999);
        AgentCall call = dial();
        ViewAnswer asked = compare(call);

        call.send(AgentMessage.newBuilder()
                .setBuckets(buckets(asked).toBuilder().clearViews().addAllViews(held.values()))
                .build());

        assertThat(call.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void refusesADigestThatCannotBe() {
        AgentCall call = dial();
        call.send(AgentMessage.newBuilder()
                .setViewDigest(
                        io.skywire.proto.v1.ViewDigest.newBuilder().setCount(1).setBucketBits(8))
                .build());

        assertThat(call.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    /// Links come and go, some of it told, some of it lost with the session, leases run out: after each reconnect the
    /// two sides hold the same.
    @Test
    void afterAnyHistoryBothSidesHoldTheSame() {
        long seed = 20_261_122;
        SplittableRandom random = new SplittableRandom(seed);
        AgentCall call = dial();
        reportWhole(call);
        for (int round = 0; round < 40; round++) {
            for (int change = random.nextInt(6); change > 0; change--) {
                int link = random.nextInt(NEIGHBOURS);
                boolean told = random.nextBoolean();
                TransportView news;
                if (held.containsKey(links.get(link).id()) && random.nextInt(3) == 0) {
                    held.remove(links.get(link).id());
                    news = view(link, 0, LinkState.LINK_STATE_DOWN);
                } else {
                    hold(link, random.nextInt(5) * 100);
                    news = held.get(links.get(link).id());
                }
                if (told) {
                    report(call, ReportKind.REPORT_KIND_CHANGES, List.of(news));
                }
            }
            if (random.nextInt(4) == 0) {
                settled(call);
                jdbc.update(
                        "UPDATE transport_views SET state = 'EXPIRED' WHERE edge = ? AND state = 'UP' AND rtt_us > 200",
                        (Object) keys.publicKey().bytes());
            }
            call = dial();
            ViewAnswer answer = compare(call);
            if (answer.getBucketsCount() > 0) {
                answer = tellDifference(call, answer);
            }

            assertThat(answer.getBucketsList()).isEmpty();
            assertThat(stored()).as("seed " + seed + ", round " + round).isEqualTo(heldNow());
            assertThat(compare(call).getBucketsList()).isEmpty();
        }
    }

    // --- routes

    private static RoutePair pair(byte[] from, byte[] to) {
        return RoutePair.newBuilder().setFrom(bytes(from)).setTo(bytes(to)).build();
    }

    private static AgentMessage question(RoutePair... pairs) {
        return AgentMessage.newBuilder()
                .setRoutes(RoutesQuestion.newBuilder()
                        .setQuestionId(bytes(new byte[16]))
                        .addAllPairs(List.of(pairs)))
                .build();
    }

    @Test
    void oneBadPairDoesNotHideTheGoodOnes() {
        TransportRegistry registry = controlPlane.room(TransportRegistry.class);
        hold(1, 100);
        AgentCall call = dial();
        reportWhole(call);
        SignedTransport link = links.get(1);
        registry.report(
                NEIGHBOUR_KEYS.get(1).publicKey(),
                io.skywire.control.discovery.ReportKind.CHANGES,
                List.of(AgentMessages.fromProto(held.get(link.id()))));
        byte[] us = keys.publicKey().bytes();
        byte[] neighbour = NEIGHBOUR_KEYS.get(1).publicKey().bytes();
        byte[] stranger = TestKeys.pairs(1, 5).getFirst().publicKey().bytes();

        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            call.send(question(
                    pair(new byte[33], us),
                    pair(us, neighbour),
                    pair(us, stranger),
                    pair(us, us),
                    pair(neighbour, us)));
            List<PairAnswer> answers = call.next().getRoutes().getPairsList();

            assertThat(answers).hasSize(5);
            assertThat(answers.get(0).getRefused().getReason())
                    .isEqualTo(PairRefusalReason.PAIR_REFUSAL_REASON_MALFORMED);
            assertThat(answers.get(1).getFound().getRoutes(0).getHopsList()).hasSize(1);
            assertThat(answers.get(1).getFound().getRoutes(0).getHops(0).getTransport())
                    .isEqualTo(bytes(link.id().bytes()));
            assertThat(answers.get(2).getRefused().getReason())
                    .isEqualTo(PairRefusalReason.PAIR_REFUSAL_REASON_NO_SUCH_NODE);
            assertThat(answers.get(3).getRefused().getReason())
                    .isEqualTo(PairRefusalReason.PAIR_REFUSAL_REASON_MALFORMED);
            assertThat(answers.get(4).hasFound()).isTrue();
        });
    }

    @Test
    void explainsTheRouteFromTheNodeThatAsks() {
        AgentCall call = dial();
        byte[] stranger = TestKeys.pairs(1, 5).getFirst().publicKey().bytes();
        ExplainQuestion.Builder question =
                ExplainQuestion.newBuilder().setQuestionId(bytes(new byte[16])).setTo(bytes(stranger));

        call.send(AgentMessage.newBuilder().setExplain(question).build());
        ExplainAnswer told = call.next().getExplained();
        call.send(AgentMessage.newBuilder().setExplain(question.setMaxHops(17)).build());
        ExplainAnswer refused = call.next().getExplained();

        assertThat(told.getExplanation())
                .contains("\"from\":\"" + keys.publicKey().hex() + "\"");
        assertThat(told.getExplanation()).contains("\"verdict\":\"NO_SUCH_NODE\"");
        assertThat(refused.getRefusal()).contains("16");
    }

    @Test
    void refusesAQuestionOfTooManyPairsOrWithoutAnId() {
        RoutePair[] many = new RoutePair[65];
        java.util.Arrays.fill(
                many, pair(keys.publicKey().bytes(), keys.publicKey().bytes()));
        AgentCall call = dial();
        call.send(question(many));
        assertThat(call.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);

        AgentCall nameless = dial();
        nameless.send(AgentMessage.newBuilder()
                .setRoutes(RoutesQuestion.newBuilder().addPairs(many[0]))
                .build());
        assertThat(nameless.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
}
