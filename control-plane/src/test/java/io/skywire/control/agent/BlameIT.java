package io.skywire.control.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.skywire.control.blame.BlameBook;
import io.skywire.control.blame.BlameSnapshot;
import io.skywire.control.platform.ServiceKeys;
import io.skywire.control.routefinder.RouteAnswer;
import io.skywire.control.routefinder.RouteFinder;
import io.skywire.control.routefinder.RouteQuery;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestDatabase;
import io.skywire.control.testing.TestKeys;
import io.skywire.proto.v1.RuleRefusalReason;
import io.skywire.proto.v1.SetupFailureReason;
import io.skywire.proto.v1.SetupRequest;
import io.skywire.proto.v1.SetupResult;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

/// From a setup that fails to the scores that the finder reads: the real application on real PostgreSQL, five simulated
/// agents in a chain.
final class BlameIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Map<String, String> SETTINGS = Map.of(
            "skywire.setup.node-timeout",
            "1s",
            "skywire.setup.probe-timeout",
            "1s",
            "skywire.setup.plans",
            "1",
            "skywire.blame.refresh-interval",
            "500ms",
            "skywire.agent.drain-grace",
            "200ms",
            "skywire.agent.drain-spread",
            "0ms");
    private static final AtomicInteger SEED = new AtomicInteger(7000);

    @TempDir
    static Path keyFiles;

    private static TestDatabase database;
    private static TestControlPlane controlPlane;

    private final SimulatedNetwork network = new SimulatedNetwork();
    private List<SimulatedAgent> agents;
    private List<TransportId> links;

    /// Real time, and what it is set ahead by.
    static final class ShiftedClock implements InstantSource {
        private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

        @Override
        public Instant instant() {
            return InstantSource.system().instant().plus(ahead.get());
        }

        void advance(Duration by) {
            ahead.updateAndGet(before -> before.plus(by));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class ShiftedTime {
        @Bean
        @Primary
        ShiftedClock shiftedClock() {
            return new ShiftedClock();
        }
    }

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        controlPlane = TestControlPlane.start(database.url(), keyFiles, SETTINGS, ShiftedTime.class);
    }

    @AfterAll
    static void stop() {
        controlPlane.close();
        database.close();
    }

    @BeforeEach
    void chainOfFive() {
        agents = TestKeys.pairs(5, SEED.incrementAndGet()).stream()
                .map(keys -> network.join(
                        controlPlane.grpcPort(),
                        keys,
                        controlPlane.room(ServiceKeys.class).setup().publicKey()))
                .toList();
        links = network.chain(agents);
        RouteQuery query = new RouteQuery(
                agents.getFirst().key(), agents.getLast().key(), 0, RouteQuery.MAX_HOPS, 1, Set.of(), Set.of());
        await("the topology knows the chain")
                .atMost(PATIENCE)
                .until(() -> controlPlane.room(RouteFinder.class).find(query) instanceof RouteAnswer.Found);
    }

    @AfterEach
    void hangUp() {
        network.close();
    }

    private static BlameSnapshot blame() {
        return controlPlane.room(BlameBook.class).current();
    }

    private SetupRequest.Builder request() {
        return SimulatedAgent.request(agents.getLast().key());
    }

    private void fails(SetupRequest.Builder request, SetupFailureReason reason) {
        SetupResult result = agents.getFirst().setUp(request);
        assertThat(result.getFailure().getReason()).as(result.toString()).isEqualTo(reason);
    }

    private void isClean(List<PublicKey> nodes) {
        assertThat(nodes).allSatisfy(node -> assertThat(blame().scoreOf(node)).isZero());
    }

    private PublicKey key(int agent) {
        return agents.get(agent).key();
    }

    @Test
    void aSilentNodeIsBlamedAndHalfForgivenAfterAHalfLife() throws Exception {
        agents.get(2).answerNoDelta();

        fails(request(), SetupFailureReason.SETUP_FAILURE_REASON_SILENT);

        await().atMost(PATIENCE).until(() -> blame().scoreOf(key(2)) > 0.9);
        BlameSnapshot fresh = blame();
        isClean(List.of(key(0), key(1), key(3), key(4)));
        assertThat(links).allSatisfy(link -> assertThat(fresh.scoreOf(link)).isZero());
        assertThat(staff("/api/v1/blame?node=" + key(2).hex()))
                .contains("\"reason\":\"SILENT\"", key(2).hex(), key(0).shortHex())
                .doesNotContain(key(0).hex());
        assertThat(staff("/actuator/prometheus"))
                .contains("skywire_blame_evidence_total{reason=\"silent\"}", "skywire_blame_subjects{kind=\"node\"}");

        controlPlane.room(ShiftedClock.class).advance(Duration.ofMinutes(5));
        await().atMost(PATIENCE).until(() -> blame().asOf().isAfter(fresh.asOf().plus(Duration.ofMinutes(5))));
        BlameSnapshot later = blame();

        double halfLives = Duration.between(fresh.asOf(), later.asOf()).toMillis() / 300_000.0;
        assertThat(later.scoreOf(key(2)))
                .isEqualTo(fresh.scoreOf(key(2)) * Math.pow(2, -halfLives), within(1e-4))
                .isLessThanOrEqualTo(0.5);
    }

    @Test
    void aBlamedNodeIsStillUsedWhenItIsTheOnlyWay() {
        AtomicInteger refusals = new AtomicInteger();
        agents.get(2)
                .refuse(rule -> refusals.getAndIncrement() < 2
                        ? Optional.of(RuleRefusalReason.RULE_REFUSAL_REASON_TABLE_FULL)
                        : Optional.empty());
        fails(request(), SetupFailureReason.SETUP_FAILURE_REASON_REFUSED);
        await().atMost(PATIENCE).until(() -> blame().scoreOf(key(2)) > 0.9);

        SetupResult result = agents.getFirst().setUp(request());

        assertThat(result.getOutcomeCase()).as(result.toString()).isEqualTo(SetupResult.OutcomeCase.ESTABLISHED);
    }

    @Test
    void anInitiatorThatFailsItsProbesOnPurposeBanishesNobody() {
        agents.getFirst().probe(SimulatedAgent.Probing.SILENTLY);

        for (int i = 0; i < 6; i++) {
            agents.forEach(SimulatedAgent::heartbeat);
            fails(request(), SetupFailureReason.SETUP_FAILURE_REASON_PROBE_UNANSWERED);
        }

        await().atMost(PATIENCE).until(() -> blame().scoreOf(links.get(1)) > 0.4);
        assertThat(links).allSatisfy(link -> assertThat(blame().scoreOf(link)).isLessThanOrEqualTo(0.5));
        isClean(agents.stream().map(SimulatedAgent::key).toList());
    }

    @Test
    void anInitiatorWithoutPatienceBlamesNobody() {
        agents.get(2).answerNoDelta();

        fails(request().setDeadlineMs(300), SetupFailureReason.SETUP_FAILURE_REASON_SILENT);
        agents.get(1).refuse(rule -> Optional.of(RuleRefusalReason.RULE_REFUSAL_REASON_TABLE_FULL));
        fails(request(), SetupFailureReason.SETUP_FAILURE_REASON_REFUSED);

        // What happened later is known, so what happened before is too.
        await().atMost(PATIENCE).until(() -> blame().scoreOf(key(1)) > 0.9);
        assertThat(blame().scoreOf(key(2))).isZero();
    }

    @Test
    void aHopThatLostItsSessionIsNotSilent() {
        agents.get(3).hangUp();
        await().atMost(PATIENCE)
                .until(() -> !controlPlane.room(ConnectedAgents.class).isConnected(key(3)));
        fails(request(), SetupFailureReason.SETUP_FAILURE_REASON_SILENT);
        agents.get(1).refuse(rule -> Optional.of(RuleRefusalReason.RULE_REFUSAL_REASON_TABLE_FULL));
        SetupResult refused = agents.getFirst().setUp(SimulatedAgent.request(key(2)));
        assertThat(refused.getFailure().getReason()).isEqualTo(SetupFailureReason.SETUP_FAILURE_REASON_REFUSED);

        await().atMost(PATIENCE).until(() -> blame().scoreOf(key(1)) > 0.9);
        isClean(List.of(key(2), key(3)));
    }

    @Test
    void aTransportThatBreaksARouteIsBlamed() {
        SetupResult result = agents.getFirst().setUp(request());
        assertThat(result.getOutcomeCase()).isEqualTo(SetupResult.OutcomeCase.ESTABLISHED);

        agents.get(1).lose(links.get(1));

        await().atMost(PATIENCE).until(() -> blame().scoreOf(links.get(1)) > 0.9);
        assertThat(blame().scoreOf(links.get(0))).isZero();
        isClean(List.of(key(1), key(2)));
    }

    @Test
    void anotherReplicaAgreesAndARestartForgetsNothing() {
        try (TestControlPlane other = TestControlPlane.start(database.url(), keyFiles, SETTINGS)) {
            agents.get(3).refuse(rule -> Optional.of(RuleRefusalReason.RULE_REFUSAL_REASON_TABLE_FULL));
            fails(request(), SetupFailureReason.SETUP_FAILURE_REASON_REFUSED);

            await().atMost(PATIENCE)
                    .until(() -> other.room(BlameBook.class).current().scoreOf(key(3)) > 0.9);
        }
        try (TestControlPlane restarted = TestControlPlane.start(database.url(), keyFiles, SETTINGS)) {
            await().atMost(PATIENCE)
                    .until(() -> restarted.room(BlameBook.class).current().scoreOf(key(3)) > 0);
        }
    }

    private static String staff(String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + controlPlane.httpPort() + path))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
