package io.skywire.control.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.skywire.control.platform.ServiceKeys;
import io.skywire.control.routefinder.Route;
import io.skywire.control.routefinder.RouteAnswer;
import io.skywire.control.routefinder.RouteFinder;
import io.skywire.control.routefinder.RouteQuery;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestKeys;
import io.skywire.control.topology.TopologySource;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What agents measure reaches the routes, of this replica and of another one, over real gRPC and PostgreSQL. The
/// regular comparison of the replicas comes too late to help.
final class LinkMeasurementsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Map<String, String> SETTINGS = Map.of(
            "skywire.topology.reconcile-interval", "1h",
            "skywire.discovery.lease", "600s",
            "skywire.discovery.heartbeat", "200s");

    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @TempDir
    static Path keyFiles;

    private static TestControlPlane one;
    private static TestControlPlane other;

    @BeforeAll
    static void start() {
        one = TestControlPlane.start(POSTGRES.database().url(), keyFiles, SETTINGS);
        other = TestControlPlane.start(POSTGRES.database().url(), keyFiles, SETTINGS);
    }

    @AfterAll
    static void stop() {
        other.close();
        one.close();
    }

    /// Four nodes, two ways from the first to the last: the one over `near` is a little shorter.
    private record Diamond(
            SimulatedAgent from, SimulatedAgent near, SimulatedAgent far, SimulatedAgent to, TransportId toNear) {
        static Diamond of(SimulatedNetwork network, int seed) {
            List<SimulatedAgent> agents = TestKeys.pairs(4, seed).stream()
                    .map(keys -> network.join(
                            one.grpcPort(),
                            keys,
                            one.room(ServiceKeys.class).setup().publicKey()))
                    .toList();
            SimulatedAgent from = agents.get(0);
            SimulatedAgent near = agents.get(1);
            SimulatedAgent far = agents.get(2);
            SimulatedAgent to = agents.get(3);
            TransportId toNear = network.link(from, near);
            from.measure(toNear, healthy(20));
            near.measure(network.link(near, to), healthy(20));
            from.measure(network.link(from, far), healthy(30));
            far.measure(network.link(far, to), healthy(30));
            return new Diamond(from, near, far, to, toNear);
        }

        RouteQuery query() {
            return new RouteQuery(from.key(), to.key(), 0, RouteQuery.MAX_HOPS, 1, Set.of(), Set.of())
                    .by(RouteQuery.Metric.COST);
        }
    }

    private static LinkMeasurement healthy(int millis) {
        return new LinkMeasurement(Optional.of(Duration.ofMillis(millis)), 0, 0, 0);
    }

    private static List<PublicKey> way(TestControlPlane replica, RouteQuery query) {
        return replica.room(RouteFinder.class).find(query) instanceof RouteAnswer.Found found
                ? found.routes().getFirst().hops().stream().map(Route.Hop::to).toList()
                : List.of();
    }

    private static void awaitWay(RouteQuery query, PublicKey... nodes) {
        for (TestControlPlane replica : List.of(one, other)) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(way(replica, query)).containsExactly(nodes));
        }
    }

    private static JsonNode get(TestControlPlane replica, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + replica.httpPort() + path);
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return JsonMapper.shared().readTree(answer.body());
        }
    }

    @Test
    void aReportedLossSendsRoutesTheOtherWayOnEveryReplica() throws Exception {
        try (SimulatedNetwork network = new SimulatedNetwork()) {
            Diamond diamond = Diamond.of(network, 9_101);
            awaitWay(diamond.query(), diamond.near().key(), diamond.to().key());

            diamond.from()
                    .measure(
                            diamond.toNear(),
                            new LinkMeasurement(Optional.of(Duration.ofMillis(20)), 600_000, 100_000, 12_345));

            awaitWay(diamond.query(), diamond.far().key(), diamond.to().key());
            JsonNode shown = get(other, "/api/v1/transports/" + diamond.toNear());
            assertThat(shown.get("loss").doubleValue()).isCloseTo(0.6, within(1e-9));
            assertThat(shown.get("load").doubleValue()).isCloseTo(0.1, within(1e-9));
            assertThat(shown.get("throughput").longValue()).isEqualTo(12_345);
            assertThat(shown.get("roundTripMicros").longValue()).isEqualTo(20_000);
            assertThat(Instant.parse(shown.get("measuredAt").stringValue())).isCloseTo(Instant.now(), within(PATIENCE));
            assertThat(get(
                            other,
                            "/api/v1/transports?edge=" + diamond.from().key().hex()))
                    .hasSize(2)
                    .contains(shown);

            diamond.from().measure(diamond.toNear(), healthy(20));
            awaitWay(diamond.query(), diamond.near().key(), diamond.to().key());
        }
    }

    @Test
    void aLoadedLinkIsPassedByAsWell() {
        try (SimulatedNetwork network = new SimulatedNetwork()) {
            Diamond diamond = Diamond.of(network, 9_102);
            awaitWay(diamond.query(), diamond.near().key(), diamond.to().key());

            diamond.near()
                    .measure(
                            diamond.toNear(),
                            new LinkMeasurement(Optional.of(Duration.ofMillis(20)), 0, 800_000, 50_000_000));

            awaitWay(diamond.query(), diamond.far().key(), diamond.to().key());
        }
    }

    @Test
    void theServersOfAMessagingTransportCountAsNodesOfARoute() {
        try (SimulatedNetwork network = new SimulatedNetwork()) {
            Diamond diamond = Diamond.of(network, 9_103);
            awaitWay(diamond.query(), diamond.near().key(), diamond.to().key());
            KeyPair server = TestKeys.pairs(1, 9_104).getFirst();
            SignedTransport direct = SignedTransport.signedByBoth(
                    TransportEntry.between(diamond.from().key(), diamond.to().key(), TransportType.MESSAGING),
                    diamond.from().keys(),
                    diamond.to().keys());
            diamond.from().hold(direct);
            diamond.to().hold(direct);
            diamond.from().measure(direct.id(), healthy(5), server.publicKey());

            awaitWay(diamond.query(), diamond.to().key());
            var topology = other.room(TopologySource.class).current();
            int transport = topology.find(direct.id()).orElseThrow();
            assertThat(topology.relays(transport).stream().map(topology::node)).containsExactly(server.publicKey());
            RouteQuery avoiding = new RouteQuery(
                            diamond.from().key(),
                            diamond.to().key(),
                            0,
                            RouteQuery.MAX_HOPS,
                            1,
                            Set.of(server.publicKey()),
                            Set.of())
                    .by(RouteQuery.Metric.COST);
            assertThat(way(other, avoiding))
                    .containsExactly(diamond.near().key(), diamond.to().key());
        }
    }
}
