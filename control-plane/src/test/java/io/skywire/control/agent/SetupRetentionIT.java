package io.skywire.control.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.skywire.control.platform.ServiceKeys;
import io.skywire.control.routefinder.RouteAnswer;
import io.skywire.control.routefinder.RouteFinder;
import io.skywire.control.routefinder.RouteQuery;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestDatabase;
import io.skywire.control.testing.TestKeys;
import io.skywire.proto.v1.SetupResult;
import io.skywire.shared.rule.RouteUid;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/// The ledger forgets: an application that keeps finished routes for a second and orphans for two.
final class SetupRetentionIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Map<String, String> SETTINGS = Map.of(
            "skywire.setup.idle-timeout", "1s",
            "skywire.setup.retention", "1s",
            "skywire.setup.orphaned-after", "2s",
            "skywire.setup.retention-interval", "200ms",
            "skywire.agent.drain-spread", "100ms",
            "skywire.agent.drain-grace", "200ms");

    @TempDir
    private Path keyFiles;

    private final SimulatedNetwork network = new SimulatedNetwork();
    private TestDatabase database;
    private HikariDataSource pool;
    private TestControlPlane controlPlane;
    private List<SimulatedAgent> agents;

    @BeforeEach
    void chainOfThree() {
        database = TestDatabase.create();
        pool = database.pool(1);
        controlPlane = TestControlPlane.start(database.url(), keyFiles, SETTINGS);
        agents = TestKeys.pairs(3, 8800).stream()
                .map(keys -> network.join(
                        controlPlane.grpcPort(),
                        keys,
                        controlPlane.room(ServiceKeys.class).setup().publicKey()))
                .toList();
        network.chain(agents);
        RouteQuery query = new RouteQuery(
                agents.getFirst().key(), agents.getLast().key(), 0, RouteQuery.MAX_HOPS, 1, Set.of(), Set.of());
        await("the topology knows the chain")
                .atMost(SOON)
                .until(() -> controlPlane.room(RouteFinder.class).find(query) instanceof RouteAnswer.Found);
    }

    @AfterEach
    void end() {
        network.close();
        controlPlane.close();
        pool.close();
        database.close();
    }

    private RouteUid established() {
        SetupResult result =
                agents.getFirst().setUp(SimulatedAgent.request(agents.getLast().key()));
        assertThat(result.hasEstablished()).as(result.toString()).isTrue();
        return RouteUid.of(result.getEstablished().getRoute().toByteArray());
    }

    private long rows() {
        return new JdbcTemplate(pool).queryForObject("""
                        SELECT (SELECT count(*) FROM routes) + (SELECT count(*) FROM route_hops)
                             + (SELECT count(*) FROM node_rules) + (SELECT count(*) FROM route_receipts)""", Long.class);
    }

    @Test
    void hasNoMoreRowsAfterManyRoutesThanBefore() {
        assertThat(rows()).isZero();
        for (int i = 0; i < 20; i++) {
            agents.getFirst().closeRoute(established());
        }

        await("all is forgotten").atMost(SOON).until(() -> rows() == 0);
        assertThat(agents).allSatisfy(agent -> assertThat(agent.rules()).isEmpty());
    }

    @Test
    void keepsAnActiveRouteWhoseEndsAreThere() {
        RouteUid route = established();
        agents.getFirst().closeRoute(established());

        await("the closed one is forgotten")
                .atMost(SOON)
                .until(() -> new JdbcTemplate(pool).queryForObject("SELECT count(*) FROM routes", Long.class) == 1);

        assertThat(network.roundTrip(agents.getFirst(), route)).contains(4);
    }

    @Test
    void takesAwayARouteWhoseEndsHaveBothGone() {
        established();
        agents.getFirst().hangUp();
        agents.getLast().hangUp();

        await("the node between them is told")
                .atMost(SOON)
                .until(() -> agents.get(1).rules().isEmpty());
        await("all is forgotten, also what the ends never removed").atMost(SOON).until(() -> rows() == 0);
    }
}
