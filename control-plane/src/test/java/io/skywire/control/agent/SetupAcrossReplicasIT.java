package io.skywire.control.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.skywire.control.platform.ServiceKeys;
import io.skywire.control.routefinder.RouteAnswer;
import io.skywire.control.routefinder.RouteFinder;
import io.skywire.control.routefinder.RouteQuery;
import io.skywire.control.rules.RuleWatch;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestDatabase;
import io.skywire.control.testing.TestKeys;
import io.skywire.proto.v1.RuleRefusalReason;
import io.skywire.proto.v1.SetupFailureReason;
import io.skywire.proto.v1.SetupResult;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two real control planes over one real PostgreSQL, and a chain of agents that hang on the one and the other in turn.
final class SetupAcrossReplicasIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Map<String, String> SETTINGS = Map.of(
            "skywire.setup.node-timeout", "8s",
            "skywire.setup.plans", "1",
            "skywire.agent.drain-spread", "100ms",
            "skywire.agent.drain-grace", "200ms");

    @TempDir
    static Path keyFiles;

    private static TestDatabase database;
    private static TestControlPlane one;
    private static TestControlPlane other;

    private final SimulatedNetwork network = new SimulatedNetwork();
    private final List<SimulatedAgent> agents = new ArrayList<>();

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        one = TestControlPlane.start(database.url(), keyFiles, SETTINGS);
        other = TestControlPlane.start(database.url(), keyFiles, SETTINGS);
    }

    @AfterAll
    static void stop() {
        other.close();
        one.close();
        database.close();
    }

    @BeforeEach
    void chainOfFourInTurn() {
        PublicKey setupKey = one.room(ServiceKeys.class).setup().publicKey();
        boolean here = true;
        for (KeyPair keys : TestKeys.pairs(4, 9100)) {
            agents.add(network.join((here ? one : other).grpcPort(), keys, setupKey));
            here = !here;
        }
        network.chain(agents);
        List<PublicKey> keys = agents.stream().map(SimulatedAgent::key).toList();
        RouteQuery query =
                new RouteQuery(keys.getFirst(), keys.getLast(), 0, RouteQuery.MAX_HOPS, 1, Set.of(), Set.of());
        for (TestControlPlane replica : List.of(one, other)) {
            await("the replica knows the chain and who is there")
                    .atMost(PATIENCE)
                    .until(() -> replica.room(RouteFinder.class).find(query) instanceof RouteAnswer.Found
                            && replica.room(RuleWatch.class).unwatched(keys).isEmpty());
        }
    }

    @AfterEach
    void hangUp() {
        network.close();
    }

    @Test
    void aRouteOverNodesOfBothReplicasIsEstablishedAndClosed() {
        SimulatedAgent initiator = agents.getFirst();

        SetupResult result =
                initiator.setUp(SimulatedAgent.request(agents.getLast().key()));

        assertThat(result.getOutcomeCase()).as(result.toString()).isEqualTo(SetupResult.OutcomeCase.ESTABLISHED);
        assertThat(agents).allSatisfy(agent -> assertThat(agent.rules()).hasSize(2));
        initiator.closeRoute(RouteUid.of(result.getEstablished().getRoute().toByteArray()));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(agents)
                        .allSatisfy(agent -> assertThat(agent.rules()).isEmpty()));
    }

    @Test
    void aRefusalOfANodeOfTheOtherReplicaIsTheAnswer() {
        SimulatedAgent culprit = agents.get(1);
        culprit.refuse(rule -> Optional.of(RuleRefusalReason.RULE_REFUSAL_REASON_TABLE_FULL));

        SetupResult result =
                agents.getFirst().setUp(SimulatedAgent.request(agents.getLast().key()));

        assertThat(result.getFailure().getReason())
                .as(result.toString())
                .isEqualTo(SetupFailureReason.SETUP_FAILURE_REASON_REFUSED);
        assertThat(result.getFailure().getHop()).isEqualTo(1);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(agents)
                        .filteredOn(agent -> agent != culprit)
                        .allSatisfy(agent -> assertThat(agent.rules()).isEmpty()));
    }
}
