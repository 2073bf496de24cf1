package io.skywire.control.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.skywire.control.platform.Attendance;
import io.skywire.control.platform.Replicas;
import io.skywire.control.platform.ServiceKeys;
import io.skywire.control.routefinder.RouteAnswer;
import io.skywire.control.routefinder.RouteFinder;
import io.skywire.control.routefinder.RouteQuery;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestKeys;
import io.skywire.proto.v1.ProbeReport;
import io.skywire.proto.v1.SetupResult;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.Rule;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.scheduling.annotation.Scheduled;

/// Agents' sessions over two real replicas and one real PostgreSQL.
final class SessionsOfReplicasIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @TempDir
    private Path keyFiles;

    private final List<TestControlPlane> planes = new ArrayList<>();
    private final SimulatedNetwork network = new SimulatedNetwork();

    private TestControlPlane start(Class<?>... beans) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "skywire.agent.balance.slack", "1",
                "skywire.agent.balance.rest", "0s",
                "skywire.agent.balance.interval", "100ms",
                "skywire.agent.drain-spread", "100ms",
                "skywire.setup.probe-timeout", "60s"));
        TestControlPlane plane = TestControlPlane.start(POSTGRES.database().url(), keyFiles, settings, beans);
        planes.add(plane);
        return plane;
    }

    @AfterEach
    void end() {
        network.close();
        planes.forEach(TestControlPlane::close);
    }

    private SimulatedAgent join(TestControlPlane plane, KeyPair keys) {
        return network.join(
                plane.grpcPort(), keys, plane.room(ServiceKeys.class).setup().publicKey());
    }

    @Test
    void theNewestSessionOfANodeEndsTheOlderOneOnAnotherReplica() {
        TestControlPlane one = start();
        TestControlPlane other = start();
        KeyPair keys = TestKeys.pairs(1, 8101).getFirst();
        PublicKey stranger = TestKeys.pairs(1, 8102).getFirst().publicKey();
        Attendance attendance = one.room(Attendance.class);
        SimulatedAgent older = join(one, keys);
        await().atMost(PATIENCE).until(() -> one.room(Replicas.class).alive().size() == 2);
        assertThat(attendance.attended(List.of(keys.publicKey(), stranger))).containsExactly(keys.publicKey());

        SimulatedAgent newer = join(other, keys);

        assertThat(older.end().getCode()).isEqualTo(Status.Code.ABORTED);
        assertThat(other.room(ConnectedAgents.class).isConnected(keys.publicKey()))
                .isTrue();
        assertThat(one.room(ConnectedAgents.class).isConnected(keys.publicKey()))
                .isFalse();
        assertThat(attendance.attended(Set.of(keys.publicKey()))).containsExactly(keys.publicKey());

        newer.hangUp();
        await().atMost(PATIENCE)
                .until(() -> attendance.attended(Set.of(keys.publicKey())).isEmpty());
    }

    @Test
    void theOlderSessionStaysUntilTheNewOneCanBringRules() throws Exception {
        TestControlPlane one = start();
        TestControlPlane other = start();
        KeyPair keys = TestKeys.pairs(1, 8103).getFirst();
        SimulatedAgent older = join(one, keys);
        await().atMost(PATIENCE).until(() -> one.room(Replicas.class).alive().size() == 2);

        CompletableFuture<SimulatedAgent> newer;
        try (Connection database =
                        DriverManager.getConnection(POSTGRES.database().url());
                Statement statement = database.createStatement()) {
            database.setAutoCommit(false);
            // Nobody can look up where a node's rules stand.
            statement.execute("LOCK TABLE node_revisions IN ACCESS EXCLUSIVE MODE");
            newer = CompletableFuture.supplyAsync(() -> join(other, keys));
            await().atMost(PATIENCE)
                    .until(() -> other.room(ConnectedAgents.class).isConnected(keys.publicKey()));
            await().during(Duration.ofSeconds(1)).atMost(PATIENCE).until(() -> !older.isOver() && !newer.isDone());
            database.rollback();
        }

        assertThat(older.end().getCode()).isEqualTo(Status.Code.ABORTED);
        assertThat(newer.get(60, TimeUnit.SECONDS).isOver()).isFalse();
    }

    /// Something of a replica that works regularly.
    static class Regular {
        private final AtomicInteger turns = new AtomicInteger();

        @Scheduled(fixedDelay = 50)
        void work() {
            turns.incrementAndGet();
        }
    }

    @Test
    void whatWorksRegularlyGoesOnWhileAgentsLeave() throws Exception {
        TestControlPlane ending = start(Regular.class);
        TestControlPlane staying = start();
        await().atMost(PATIENCE)
                .until(() -> ending.room(Replicas.class).alive().stream()
                                .filter(one -> one.standing() == Replicas.Standing.SERVING)
                                .count()
                        == 2);
        SimulatedAgent agent = join(ending, TestKeys.pairs(1, 8104).getFirst());
        Regular regular = ending.room(Regular.class);

        CompletableFuture<Void> closing = CompletableFuture.runAsync(ending::close);
        SimulatedAgent.join(agent.drained());
        int before = regular.turns.get();

        await().atMost(PATIENCE).until(() -> regular.turns.get() > before + 3 || closing.isDone());
        assertThat(closing).isNotDone();
        agent.dialAt(staying.grpcPort());
        closing.get(60, TimeUnit.SECONDS);
    }

    @Test
    void sessionsEvenOutWhenAnotherReplicaComes() {
        TestControlPlane full = start();
        List<SimulatedAgent> agents = new ArrayList<>();
        for (KeyPair keys : TestKeys.pairs(12, 8200)) {
            agents.add(join(full, keys));
        }
        TestControlPlane empty = start();
        Set<SimulatedAgent> moved = new HashSet<>();

        await().atMost(PATIENCE).until(() -> {
            for (SimulatedAgent agent : agents) {
                if (agent.drained().isDone() && moved.add(agent)) {
                    agent.dialAt(empty.grpcPort());
                }
            }
            return full.room(ConnectedAgents.class).count() <= 8
                    && full.room(ConnectedAgents.class).count()
                                    + empty.room(ConnectedAgents.class).count()
                            == 12;
        });

        assertThat(empty.room(ConnectedAgents.class).count()).isBetween(4, 8);
        Set<PublicKey> all = new HashSet<>();
        agents.forEach(agent -> all.add(agent.key()));
        assertThat(full.room(Attendance.class).attended(all)).isEqualTo(all);
    }

    @Test
    void aSetupThatIsGoingOnWhenItsReplicaEndsIsFinishedFirst() throws Exception {
        TestControlPlane ending = start();
        TestControlPlane staying = start();
        await().atMost(PATIENCE)
                .until(() -> ending.room(Replicas.class).alive().stream()
                                .filter(one -> one.standing() == Replicas.Standing.SERVING)
                                .count()
                        == 2);
        List<SimulatedAgent> agents = new ArrayList<>();
        for (KeyPair keys : TestKeys.pairs(3, 8300)) {
            agents.add(join(ending, keys));
        }
        network.chain(agents);
        SimulatedAgent initiator = agents.getFirst();
        RouteQuery query =
                new RouteQuery(initiator.key(), agents.getLast().key(), 0, RouteQuery.MAX_HOPS, 1, Set.of(), Set.of());
        await().atMost(PATIENCE).until(() -> ending.room(RouteFinder.class).find(query) instanceof RouteAnswer.Found);
        initiator.probe(SimulatedAgent.Probing.SILENTLY);
        CompletableFuture<SetupResult> answer =
                initiator.ask(SimulatedAgent.request(agents.getLast().key()).setDeadlineMs(60_000));
        await().atMost(PATIENCE).until(() -> initiator.rules().stream().anyMatch(Rule.Forward.class::isInstance));
        Rule.Forward forward = initiator.rules().stream()
                .filter(Rule.Forward.class::isInstance)
                .map(Rule.Forward.class::cast)
                .findFirst()
                .orElseThrow();

        CompletableFuture<Void> closing = CompletableFuture.runAsync(ending::close);
        SimulatedAgent.join(initiator.drained());
        assertThat(answer).isNotDone();
        initiator.send(ProbeReport.newBuilder()
                .setRoute(SimulatedAgent.bytes(forward.route().bytes()))
                .setAnsweredAfterUs(100));

        SetupResult result = SimulatedAgent.join(answer);
        assertThat(result.getOutcomeCase()).as(result.toString()).isEqualTo(SetupResult.OutcomeCase.ESTABLISHED);
        for (SimulatedAgent agent : agents) {
            SimulatedAgent.join(agent.drained());
            agent.dialAt(staying.grpcPort());
        }
        closing.get(60, TimeUnit.SECONDS);
        assertThat(staying.room(ConnectedAgents.class).count()).isEqualTo(3);
        await().atMost(PATIENCE)
                .until(() -> staying.room(Replicas.class).alive().size() == 1);
    }
}
