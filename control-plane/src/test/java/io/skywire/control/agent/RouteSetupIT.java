package io.skywire.control.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.zaxxer.hikari.HikariDataSource;
import io.skywire.control.platform.ServiceKeys;
import io.skywire.control.routefinder.RouteAnswer;
import io.skywire.control.routefinder.RouteFinder;
import io.skywire.control.routefinder.RouteQuery;
import io.skywire.control.setup.RequestId;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestDatabase;
import io.skywire.control.testing.TestKeys;
import io.skywire.proto.v1.Constraints;
import io.skywire.proto.v1.ProbeReport;
import io.skywire.proto.v1.RuleRefusalReason;
import io.skywire.proto.v1.SetupFailure;
import io.skywire.proto.v1.SetupFailureReason;
import io.skywire.proto.v1.SetupPhase;
import io.skywire.proto.v1.SetupRequest;
import io.skywire.proto.v1.SetupResult;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleProtos;
import io.skywire.shared.rule.RuleReceipt;
import io.skywire.shared.transport.TransportId;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Whole setups: the real application on real PostgreSQL, with five simulated agents in a chain.
final class RouteSetupIT {
    private static final Map<String, String> SETTINGS = Map.of(
            "skywire.setup.node-timeout",
            "3s",
            "skywire.setup.probe-timeout",
            "1s",
            "skywire.setup.abandoned-after",
            "0s",
            "skywire.setup.sweep-interval",
            "200ms",
            "skywire.agent.drain-grace",
            "200ms",
            "skywire.agent.drain-spread",
            "0ms");
    private static final AtomicInteger SEED = new AtomicInteger(4000);

    @TempDir
    static Path keyFiles;

    private static TestDatabase database;
    private static TestControlPlane controlPlane;
    private static HttpClient http;

    private final SimulatedNetwork network = new SimulatedNetwork();
    private List<SimulatedAgent> agents;
    private List<TransportId> links;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        controlPlane = TestControlPlane.start(database.url(), keyFiles, SETTINGS);
        http = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        http.close();
        controlPlane.close();
        database.close();
    }

    @BeforeEach
    void chainOfFive() {
        agents = TestKeys.pairs(5, SEED.incrementAndGet()).stream()
                .map(this::join)
                .toList();
        links = network.chain(agents);
        awaitRoute(controlPlane, agents.getFirst(), agents.getLast());
    }

    @AfterEach
    void hangUp() {
        network.close();
    }

    private SimulatedAgent join(KeyPair keys) {
        return network.join(
                controlPlane.grpcPort(),
                keys,
                controlPlane.room(ServiceKeys.class).setup().publicKey());
    }

    private static void awaitRoute(TestControlPlane controlPlane, SimulatedAgent from, SimulatedAgent to) {
        RouteQuery query = new RouteQuery(from.key(), to.key(), 0, RouteQuery.MAX_HOPS, 1, Set.of(), Set.of());
        await("the topology knows the chain")
                .atMost(Duration.ofSeconds(30))
                .until(() -> controlPlane.room(RouteFinder.class).find(query) instanceof RouteAnswer.Found);
    }

    private SimulatedAgent initiator() {
        return agents.getFirst();
    }

    private SimulatedAgent destination() {
        return agents.getLast();
    }

    private static RouteUid established(SetupResult result) {
        assertThat(result.getOutcomeCase()).as(result.toString()).isEqualTo(SetupResult.OutcomeCase.ESTABLISHED);
        return RouteUid.of(result.getEstablished().getRoute().toByteArray());
    }

    private static SetupFailure failed(SetupResult result, SetupFailureReason reason) {
        assertThat(result.getOutcomeCase()).as(result.toString()).isEqualTo(SetupResult.OutcomeCase.FAILURE);
        assertThat(result.getFailure().getReason()).as(result.toString()).isEqualTo(reason);
        return result.getFailure();
    }

    private void awaitNoRules(List<SimulatedAgent> of) {
        await("no rule is left")
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> of.forEach(agent -> assertThat(agent.rules()).isEmpty()));
    }

    @Test
    void carriesDataBothWaysBeforeAnybodyIsToldSuccess() {
        SetupResult result =
                initiator().setUp(SimulatedAgent.request(destination().key()));

        RouteUid route = established(result);
        assertThat(network.roundTrip(initiator(), route)).contains(8);
        assertThat(result.getEstablished().getHops()).isEqualTo(4);
        assertThat(result.getEstablished().getAttempts()).isEqualTo(1);
        assertThat(result.getPhasesList())
                .extracting(SetupPhase::getName)
                .containsExactly("find", "write", "install", "probe");
        agents.subList(1, 4)
                .forEach(relay -> assertThat(relay.rules())
                        .hasSize(2)
                        .allSatisfy(rule -> assertThat(rule).isInstanceOf(Rule.Relay.class)));
    }

    @Test
    void removesEveryRuleWhenAnEndClosesTheRoute() {
        RouteUid route = established(
                initiator().setUp(SimulatedAgent.request(destination().key())));

        destination().closeRoute(route);

        awaitNoRules(agents);
    }

    @Test
    void ignoresACloseByAnybodyBetweenTheEnds() {
        RouteUid route = established(
                initiator().setUp(SimulatedAgent.request(destination().key())));

        agents.get(2).closeRoute(route);
        // The same session is served in order: once this is answered, the close has been handled.
        agents.get(2).setUp(SimulatedAgent.request(agents.get(2).key()));

        assertThat(network.roundTrip(initiator(), route)).contains(8);
    }

    @Test
    void answersTheSameRequestIdAlikeWhileRunningAndAfterwards() {
        SetupRequest.Builder request = SimulatedAgent.request(destination().key());

        CompletableFuture<SetupResult> first = initiator().ask(request);
        SetupResult again = initiator().setUp(request);
        SetupResult later = initiator().setUp(request);

        assertThat(established(later)).isEqualTo(established(again));
        assertThat(first.isDone() ? established(first.join()) : established(again))
                .isEqualTo(established(again));
        assertThat(initiator().rules()).hasSize(2);
    }

    @Test
    void keepsRequestIdsOfDifferentInitiatorsApart() {
        SetupRequest.Builder request = SimulatedAgent.request(destination().key());

        RouteUid one = established(initiator().setUp(request));
        RouteUid other = established(agents.get(1).setUp(request));

        assertThat(one).isNotEqualTo(other);
    }

    @Test
    void picksOtherNumbersWhenANodeHasOneAlready() {
        AtomicInteger refusals = new AtomicInteger();
        agents.get(2)
                .refuse(rule -> refusals.getAndIncrement() == 0
                        ? Optional.of(RuleRefusalReason.RULE_REFUSAL_REASON_KEY_TAKEN)
                        : Optional.empty());

        SetupResult result =
                initiator().setUp(SimulatedAgent.request(destination().key()));

        RouteUid route = established(result);
        assertThat(network.roundTrip(initiator(), route)).contains(8);
        agents.forEach(agent -> assertThat(agent.rules()).hasSize(2));
        // A rule that the node never had is never taken from it: the key may be somebody else's.
        assertThat(agents.get(2).deltas().stream().flatMap(delta -> delta.removals().stream()))
                .hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void namesTheRefusingHopByItsPlaceOnlyAndLeavesNoRule() {
        agents.get(3).refuse(rule -> Optional.of(RuleRefusalReason.RULE_REFUSAL_REASON_TABLE_FULL));

        SetupFailure failure = failed(
                initiator().setUp(SimulatedAgent.request(destination().key())),
                SetupFailureReason.SETUP_FAILURE_REASON_REFUSED);

        assertThat(failure.getHasHop()).isTrue();
        assertThat(failure.getHop()).isEqualTo(3);
        assertThat(failure.getDetail()).doesNotContain(agents.get(3).key().hex());
        awaitNoRules(agents);
    }

    @Test
    void namesTheKeyOfTheRefusingHopToWhoNamedThePath() {
        agents.get(3).refuse(rule -> Optional.of(RuleRefusalReason.RULE_REFUSAL_REASON_TABLE_FULL));

        SetupFailure failure = failed(
                initiator()
                        .setUp(SimulatedAgent.request(destination().key())
                                .setPath(SimulatedAgent.via(agents.subList(1, 4)))),
                SetupFailureReason.SETUP_FAILURE_REASON_REFUSED);

        assertThat(failure.getDetail()).contains(agents.get(3).key().hex());
        awaitNoRules(agents);
    }

    @Test
    void goesAroundAHopThatRefuses() {
        SimulatedAgent detour = join(TestKeys.pairs(1, SEED.incrementAndGet()).getFirst());
        agents.get(3).refuse(rule -> Optional.of(RuleRefusalReason.RULE_REFUSAL_REASON_TABLE_FULL));
        network.link(agents.get(2), detour);
        network.link(detour, agents.get(4));
        agents.get(3).answerNoDelta();
        RouteQuery around = new RouteQuery(
                initiator().key(),
                destination().key(),
                0,
                16,
                1,
                Set.of(agents.get(3).key()),
                Set.of());
        await().atMost(Duration.ofSeconds(30))
                .until(() -> controlPlane.room(RouteFinder.class).find(around) instanceof RouteAnswer.Found);

        SetupResult result =
                initiator().setUp(SimulatedAgent.request(destination().key()));

        assertThat(network.roundTrip(initiator(), established(result))).contains(8);
        assertThat(detour.rules()).hasSize(2);
    }

    @Test
    void namesASilentHopAndLeavesNoRule() {
        agents.get(2).answerNoDelta();

        SetupFailure failure = failed(
                initiator().setUp(SimulatedAgent.request(destination().key())),
                SetupFailureReason.SETUP_FAILURE_REASON_SILENT);

        assertThat(failure.getHop()).isEqualTo(2);
        awaitNoRules(agents);
    }

    @Test
    void asksNothingOfAHopWithoutASession() {
        agents.get(3).hangUp();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !controlPlane
                        .room(ConnectedAgents.class)
                        .isConnected(agents.get(3).key()));

        SetupFailure failure = failed(
                initiator().setUp(SimulatedAgent.request(destination().key())),
                SetupFailureReason.SETUP_FAILURE_REASON_SILENT);

        assertThat(failure.getHop()).isEqualTo(3);
        assertThat(failure.getDetail()).contains("no session");
        assertThat(agents.get(1).deltas()).isEmpty();
    }

    @Test
    void failsWhenNoDataComesThrough() {
        initiator().probe(SimulatedAgent.Probing.GIVES_UP);

        failed(
                initiator()
                        .setUp(SimulatedAgent.request(destination().key())
                                .setPath(SimulatedAgent.via(agents.subList(1, 4)))),
                SetupFailureReason.SETUP_FAILURE_REASON_PROBE_UNANSWERED);
        awaitNoRules(agents);
    }

    @Test
    void failsWhenTheInitiatorSaysNothingOfItsProbe() {
        initiator().probe(SimulatedAgent.Probing.SILENTLY);

        failed(
                initiator().setUp(SimulatedAgent.request(destination().key())),
                SetupFailureReason.SETUP_FAILURE_REASON_PROBE_UNANSWERED);

        awaitNoRules(agents);
    }

    @Test
    void believesNobodyElsesProbe() {
        initiator().probe(SimulatedAgent.Probing.SILENTLY);

        CompletableFuture<SetupResult> answer =
                initiator().ask(SimulatedAgent.request(destination().key()));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> destination().rules().stream().anyMatch(rule -> rule instanceof Rule.Consume));
        Rule.Consume end = (Rule.Consume) destination().rules().stream()
                .filter(rule -> rule instanceof Rule.Consume)
                .findFirst()
                .orElseThrow();
        destination()
                .send(ProbeReport.newBuilder()
                        .setRoute(ByteString.copyFrom(end.route().bytes()))
                        .setAnsweredAfterUs(1));

        failed(SimulatedAgent.join(answer), SetupFailureReason.SETUP_FAILURE_REASON_PROBE_UNANSWERED);
    }

    @Test
    void tellsNoSuchNodeFromNoRouteFromAnInvalidPath() {
        KeyPair stranger = TestKeys.pairs(1, SEED.incrementAndGet()).getFirst();
        SimulatedAgent island = join(TestKeys.pairs(1, SEED.incrementAndGet()).getFirst());

        SetupFailure noSuchNode = failed(
                initiator().setUp(SimulatedAgent.request(stranger.publicKey())),
                SetupFailureReason.SETUP_FAILURE_REASON_NO_SUCH_NODE);
        SetupFailure noRoute = failed(
                initiator().setUp(SimulatedAgent.request(island.key())),
                SetupFailureReason.SETUP_FAILURE_REASON_NO_ROUTE);
        SetupFailure invalid = failed(
                initiator()
                        .setUp(SimulatedAgent.request(destination().key())
                                .setPath(SimulatedAgent.via(List.of(agents.get(1), agents.get(3))))),
                SetupFailureReason.SETUP_FAILURE_REASON_INVALID_PATH);

        assertThat(List.of(noSuchNode.getHasHop(), noRoute.getHasHop(), invalid.getHasHop()))
                .containsExactly(false, false, true);
        agents.forEach(agent -> assertThat(agent.deltas()).isEmpty());
    }

    @Test
    void aDisjointRouteSharesNoNodeBetweenTheEnds() {
        List<SimulatedAgent> others = besides(2);
        network.chain(List.of(initiator(), others.get(0), others.get(1), destination()));
        // A shorter way that shares a node with the first route.
        network.link(initiator(), agents.get(2));
        awaitRouteAround(Set.of(agents.get(1).key(), agents.get(2).key()));
        RouteUid first = established(initiator()
                .setUp(SimulatedAgent.request(destination().key()).setPath(SimulatedAgent.via(agents.subList(1, 4)))));

        RouteUid second = established(initiator().setUp(disjointFrom(first)));

        assertThat(network.roundTrip(initiator(), second)).contains(6);
        assertThat(others).allSatisfy(other -> assertThat(other.rules()).hasSize(2));
        assertThat(agents.subList(1, 4))
                .allSatisfy(shared -> assertThat(shared.rules()).hasSize(2));
    }

    @Test
    void whereNoWayIsNodeDisjointADisjointRouteSharesNoTransport() {
        List<SimulatedAgent> others = besides(2);
        network.chain(List.of(initiator(), others.get(0), agents.get(2), others.get(1), destination()));
        awaitRouteAround(Set.of(agents.get(1).key(), agents.get(3).key()));
        RouteUid first = established(initiator()
                .setUp(SimulatedAgent.request(destination().key()).setPath(SimulatedAgent.via(agents.subList(1, 4)))));

        RouteUid second = established(initiator().setUp(disjointFrom(first)));

        assertThat(network.roundTrip(initiator(), second)).contains(8);
        assertThat(others).allSatisfy(other -> assertThat(other.rules()).hasSize(2));
        assertThat(agents.get(2).rules()).hasSize(4);
    }

    @Test
    void whereEveryWaySharesATransportThereIsNoDisjointRoute() {
        RouteUid first = established(
                initiator().setUp(SimulatedAgent.request(destination().key())));

        SetupFailure failure =
                failed(initiator().setUp(disjointFrom(first)), SetupFailureReason.SETUP_FAILURE_REASON_NO_ROUTE);

        assertThat(agents)
                .allSatisfy(agent -> assertThat(failure.getDetail())
                        .doesNotContain(agent.key().hex())
                        .doesNotContain(agent.key().shortHex()));
    }

    @Test
    void toldOfAnothersRouteItSaysWhatItSaysOfNone() {
        RouteUid foreign = established(
                agents.get(1).setUp(SimulatedAgent.request(destination().key())));

        SetupFailure ofAnother =
                failed(initiator().setUp(disjointFrom(foreign)), SetupFailureReason.SETUP_FAILURE_REASON_MALFORMED);
        SetupFailure ofNone = failed(
                initiator().setUp(disjointFrom(RouteUid.of(new byte[16]))),
                SetupFailureReason.SETUP_FAILURE_REASON_MALFORMED);

        assertThat(ofAnother.getDetail()).isEqualTo(ofNone.getDetail());
    }

    private List<SimulatedAgent> besides(int count) {
        return TestKeys.pairs(count, SEED.incrementAndGet()).stream()
                .map(this::join)
                .toList();
    }

    private SetupRequest.Builder disjointFrom(RouteUid route) {
        return SimulatedAgent.request(destination().key())
                .setConstraints(Constraints.newBuilder().setDisjointFrom(ByteString.copyFrom(route.bytes())));
    }

    private void awaitRouteAround(Set<PublicKey> avoided) {
        RouteQuery around =
                new RouteQuery(initiator().key(), destination().key(), 0, RouteQuery.MAX_HOPS, 1, avoided, Set.of());
        await("the topology knows the way around")
                .atMost(Duration.ofSeconds(30))
                .until(() -> controlPlane.room(RouteFinder.class).find(around) instanceof RouteAnswer.Found);
    }

    @Test
    void refusesMalformedRequestsAndGoesOn() {
        failed(
                initiator()
                        .setUp(SimulatedAgent.request(destination().key())
                                .setDestination(ByteString.copyFromUtf8("no key"))),
                SetupFailureReason.SETUP_FAILURE_REASON_MALFORMED);
        failed(
                initiator().setUp(SimulatedAgent.request(initiator().key())),
                SetupFailureReason.SETUP_FAILURE_REASON_MALFORMED);
        failed(
                initiator()
                        .setUp(SimulatedAgent.request(destination().key())
                                .setConstraints(
                                        Constraints.newBuilder().setMinHops(9).setMaxHops(3))),
                SetupFailureReason.SETUP_FAILURE_REASON_MALFORMED);

        established(initiator().setUp(SimulatedAgent.request(destination().key())));
    }

    @Test
    void closesTheRoutesOverATransportThatGoesDown() {
        established(initiator().setUp(SimulatedAgent.request(destination().key())));

        agents.get(1).lose(links.get(1));

        awaitNoRules(agents);
    }

    @Test
    void keepsTheRouteOfANodeWhoseSessionEnds() {
        RouteUid route = established(
                initiator().setUp(SimulatedAgent.request(destination().key())));

        agents.get(2).hangUp();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !controlPlane
                        .room(ConnectedAgents.class)
                        .isConnected(agents.get(2).key()));
        agents.get(2).dial();
        initiator().setUp(SimulatedAgent.request(initiator().key()));

        assertThat(network.roundTrip(initiator(), route)).contains(8);
    }

    @Test
    void bringsRemovalsToANodeThatWasAway() {
        RouteUid route = established(
                initiator().setUp(SimulatedAgent.request(destination().key())));
        agents.get(2).hangUp();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !controlPlane
                        .room(ConnectedAgents.class)
                        .isConnected(agents.get(2).key()));

        initiator().closeRoute(route);
        awaitNoRules(List.of(agents.get(0), agents.get(1), agents.get(3), agents.get(4)));
        assertThat(agents.get(2).rules()).hasSize(2);
        agents.get(2).dial();

        awaitNoRules(agents);
    }

    @Test
    void closesARouteWhoseRulesIdleOut() {
        established(initiator().setUp(SimulatedAgent.request(destination().key())));

        agents.get(3).letRulesExpire();

        awaitNoRules(agents);
    }

    @Test
    void setsUpManyRoutesOverTheSameNodesAtOnce() {
        List<CompletableFuture<SetupResult>> answers = IntStream.range(0, 40)
                .mapToObj(i -> agents.get(i % 5)
                        .ask(SimulatedAgent.request(
                                agents.get((i + 1 + i / 5 % 4) % 5).key())))
                .toList();

        List<RouteUid> routes = answers.stream()
                .map(answer -> established(SimulatedAgent.join(answer)))
                .toList();

        assertThat(routes).doesNotHaveDuplicates();
        assertThat(agents.stream()
                        .flatMap(agent -> agent.rules().stream())
                        .filter(rule -> rule instanceof Rule.Forward))
                .hasSize(80);
    }

    @Test
    void takesBackWhatAReplicaLeftInTheMiddle() throws Exception {
        SimulatedNetwork other = new SimulatedNetwork();
        TestControlPlane dying = TestControlPlane.start(database.url(), keyFiles, SETTINGS);
        List<SimulatedAgent> chain;
        try {
            chain = TestKeys.pairs(3, SEED.incrementAndGet()).stream()
                    .map(keys -> other.join(
                            dying.grpcPort(),
                            keys,
                            dying.room(ServiceKeys.class).setup().publicKey()))
                    .toList();
            other.chain(chain);
            awaitRoute(dying, chain.getFirst(), chain.getLast());
            chain.getFirst().probe(SimulatedAgent.Probing.SILENTLY);
            chain.get(1).answerNoDelta();
            SetupRequest.Builder request =
                    SimulatedAgent.request(chain.getLast().key()).setDeadlineMs(30_000);
            var unused = chain.getFirst().ask(request);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> chain.getLast().rules().size() == 2);
        } finally {
            dying.close();
        }
        // Whatever the dying replica did or did not manage: the other one ends it, and no rule is left anywhere.
        // Long before the deadline of the request, which is what counts only while its replica may be alive.
        String routes = "http://127.0.0.1:" + controlPlane.httpPort() + "/api/v1/routes";
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(get(routes + "?state=INSTALLING")).isEqualTo("[]"));
        try (SimulatedNetwork again = new SimulatedNetwork()) {
            chain.getLast().rules();
            SimulatedAgent back = again.join(
                    controlPlane.grpcPort(),
                    chain.getLast().keys(),
                    controlPlane.room(ServiceKeys.class).setup().publicKey());
            await().atMost(Duration.ofSeconds(30)).until(() -> back.revision() > 0);
            assertThat(back.rules()).isEmpty();
        } finally {
            other.close();
        }
    }

    private static final UUID DEAD = new UUID(1, 2);

    /// As a replica leaves it that dies between the commit of the rules and the answer.
    private void leaveHalfDone(UUID owner, SetupRequest.Builder request) throws Exception {
        initiator().probe(SimulatedAgent.Probing.SILENTLY);
        CompletableFuture<SetupResult> unused = initiator().ask(request);
        await("all rules are there")
                .atMost(Duration.ofSeconds(30))
                .until(() -> agents.stream().allMatch(agent -> agent.rules().size() == 2));
        try (HikariDataSource pool = database.pool(1);
                Connection connection = pool.getConnection();
                PreparedStatement given = connection.prepareStatement(
                        "UPDATE routes SET owner = ? WHERE request_id = ? AND state = 'INSTALLING'")) {
            given.setObject(1, owner);
            given.setObject(
                    2, RequestId.of(request.getRequestId().toByteArray()).uuid());
            assertThat(given.executeUpdate()).isEqualTo(1);
        }
        initiator().probe(SimulatedAgent.Probing.TRULY);
    }

    @Test
    void answersARequestThatAnotherReplicaDidNotFinishUnderTheSameId() throws Exception {
        SetupRequest.Builder request =
                SimulatedAgent.request(destination().key()).setDeadlineMs(30_000);
        leaveHalfDone(DEAD, request);
        awaitNoRules(agents);

        // The first asking still runs here and has lost its plan: it goes on under the same id, and so does the second.
        RouteUid route = established(initiator().setUp(request));

        assertThat(network.roundTrip(initiator(), route)).contains(8);
        assertThat(agents).allSatisfy(agent -> assertThat(agent.rules()).hasSize(2));
        assertThat(established(initiator().setUp(request))).isEqualTo(route);
    }

    @Test
    void showsStaffHowASetupEnded() throws Exception {
        agents.get(3).refuse(rule -> Optional.of(RuleRefusalReason.RULE_REFUSAL_REASON_TABLE_FULL));
        initiator().setUp(SimulatedAgent.request(destination().key()));

        String newest = get("http://127.0.0.1:" + controlPlane.httpPort() + "/api/v1/routes?limit=1");

        assertThat(newest)
                .contains(
                        "\"state\":\"FAILED\"",
                        "\"reason\":\"REFUSED\"",
                        "\"hop\":3",
                        agents.get(3).key().hex());
    }

    @Test
    void keepsWhatEachHopSignedAndNothingThatItDidNotSign() throws Exception {
        agents.get(2).forgeReceipts(receipt -> new byte[receipt.length]);
        RouteUid route = established(
                initiator().setUp(SimulatedAgent.request(destination().key())));

        String one = "http://127.0.0.1:" + controlPlane.httpPort() + "/api/v1/routes/" + route;
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(receipts(one))
                        .extracting(receipt -> receipt.get("hop").asInt())
                        .containsExactlyInAnyOrder(0, 1, 3, 4));
        for (JsonNode receipt : receipts(one)) {
            byte[] delta = Base64.getDecoder().decode(receipt.get("delta").asString());
            assertThat(RuleReceipt.isSigned(
                            PublicKey.parse(receipt.get("node").asString()),
                            receipt.get("revision").asLong(),
                            delta,
                            HexFormat.of().parseHex(receipt.get("signature").asString())))
                    .isTrue();
            assertThat(RuleProtos.parseDelta(delta).upserts()).hasSize(2);
        }
        assertThat(get("http://127.0.0.1:" + controlPlane.httpPort() + "/actuator/prometheus"))
                .contains("skywire_setup_receipts_total{outcome=\"wrong\"}");
    }

    private static List<JsonNode> receipts(String url) throws Exception {
        List<JsonNode> receipts = new ArrayList<>();
        new JsonMapper().readTree(get(url)).get("receipts").forEach(receipts::add);
        return receipts;
    }

    private static String get(String url) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
