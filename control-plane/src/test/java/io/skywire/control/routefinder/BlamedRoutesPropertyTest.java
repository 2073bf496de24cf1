package io.skywire.control.routefinder;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.skywire.control.blame.BlameSnapshot;
import io.skywire.control.routefinder.RandomNetwork.Trail;
import io.skywire.control.topology.LinkQuality;
import io.skywire.control.topology.LiveTransport;
import io.skywire.control.topology.Topology;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// On small random networks where many are blamed, routes are what brute force says. A failure names its seed.
final class BlamedRoutesPropertyTest {
    private static final int NETWORKS = 4000;

    @Test
    void theCheapestRoutesEqualBruteForceOverPricesAndSurcharges() {
        int blamed = 0;
        for (long seed = 1; seed <= NETWORKS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            RandomNetwork network = seed % 4 == 0 ? RandomNetwork.relayed(random) : RandomNetwork.direct(random);
            BlameSnapshot blame = network.blame(random);
            Topology topology = network.topology();
            int minHops = random.nextInt(3);
            int maxHops = minHops + 1 + random.nextInt(6);
            int count = 1 + random.nextInt(8);

            List<Route> found = routes(topology, blame, 0, RouteQuery.Metric.COST, minHops, maxHops, count);

            Map<List<PublicKey>, Long> least = new HashMap<>();
            for (Trail trail : network.trails(0, 1, minHops, maxHops, Set.of())) {
                least.merge(keys(trail), price(topology, trail) + RandomNetwork.surcharge(trail, blame), Math::min);
            }
            List<Long> expected = least.values().stream().sorted().limit(count).toList();
            assertThat(found.stream().map(RouteFinderPropertyTest::nodesOf).map(least::get))
                    .as("seed %s", seed)
                    .containsExactlyElementsOf(expected);
            for (Route route : found) {
                Trail taken = trail(network, route);
                assertThat(price(topology, taken) + RandomNetwork.surcharge(taken, blame))
                        .as("the transports of seed %s", seed)
                        .isEqualTo(least.get(RouteFinderPropertyTest.nodesOf(route)));
                blamed += RandomNetwork.surcharge(taken, blame) > 0 ? 1 : 0;
            }
        }
        assertThat(blamed).as("routes over somebody blamed").isGreaterThan(NETWORKS / 8);
    }

    @Test
    void hopsComeFirstAndBlameDecidesAmongEquals() {
        int compared = 0;
        for (long seed = 1; seed <= NETWORKS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            RandomNetwork network = seed % 4 == 0 ? RandomNetwork.relayed(random) : RandomNetwork.direct(random);
            BlameSnapshot blame = network.blame(random);
            List<Trail> trails = network.trails(0, 1, 0, 16, Set.of());

            List<Route> found = routes(network.topology(), blame, 0.05, RouteQuery.Metric.HOPS, 0, 16, 1);

            assertThat(found).as("seed %s", seed).hasSize(Math.min(1, trails.size()));
            if (!found.isEmpty()) {
                compared++;
                Trail taken = trail(network, found.getFirst());
                int fewest = trails.stream().mapToInt(Trail::hops).min().orElseThrow();
                assertThat(taken.hops()).as("seed %s", seed).isEqualTo(fewest);
                long least = trails.stream()
                        .filter(trail -> trail.hops() == fewest)
                        .mapToLong(trail -> RandomNetwork.surcharge(trail, blame))
                        .min()
                        .orElseThrow();
                // Blame is weighed in steps of 8 ms for each hop.
                assertThat(RandomNetwork.surcharge(taken, blame))
                        .as("seed %s", seed)
                        .isBetween(least, least == 0 ? 0 : least + 8_192L * fewest);
            }
        }
        assertThat(compared).isGreaterThan(NETWORKS / 4);
    }

    @Test
    void severalRoutesHaveTheFewestHopsAndTheCleanOnesOfALengthComeFirst() {
        for (long seed = 1; seed <= NETWORKS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            RandomNetwork network = RandomNetwork.direct(random);
            BlameSnapshot blame = network.blame(random);
            int minHops = random.nextInt(4);
            int count = 2 + random.nextInt(6);

            List<Route> found = routes(network.topology(), blame, 0, RouteQuery.Metric.HOPS, minHops, 16, count);

            Map<List<PublicKey>, Long> least = new HashMap<>();
            for (Trail trail : network.trails(0, 1, minHops, 16, Set.of())) {
                least.merge(keys(trail), RandomNetwork.surcharge(trail, blame), Math::min);
            }
            record Kind(int nodes, boolean isClean) {}
            Comparator<Kind> order = Comparator.comparingInt(Kind::nodes).thenComparing(kind -> !kind.isClean());
            List<Kind> expected = least.entrySet().stream()
                    .map(path -> new Kind(path.getKey().size(), path.getValue() == 0))
                    .sorted(order)
                    .limit(count)
                    .toList();
            assertThat(found.stream()
                            .map(RouteFinderPropertyTest::nodesOf)
                            .map(nodes -> new Kind(nodes.size(), least.getOrDefault(nodes, -1L) == 0)))
                    .as("seed %s", seed)
                    .containsExactlyElementsOf(expected);
        }
    }

    @Test
    void whoIsBlamedMostIsStillUsedWhereThereIsNoOtherWay() {
        RandomNetwork row = new RandomNetwork(
                3,
                List.of(
                        RandomNetwork.transport(key(0), key(1), RandomNetwork.TCP, quality(), List.of()),
                        RandomNetwork.transport(key(1), key(2), RandomNetwork.TCP, quality(), List.of())));
        Map<TransportId, Double> transports = new HashMap<>();
        row.transports().forEach(transport -> transports.put(transport.up().id(), 1000.0));
        BlameSnapshot blame = new BlameSnapshot(
                RandomNetwork.NOW, Map.of(key(0), 1000.0, key(1), 1000.0, key(2), 1000.0), transports);

        for (RouteQuery.Metric metric : RouteQuery.Metric.values()) {
            RouteQuery query = new RouteQuery(key(0), key(2), 0, 16, 4, Set.of(), Set.of()).by(metric);
            RouteAnswer answer = finder(row.topology(), blame, 0.05).find(query);
            assertThat(answer).as("%s", metric).isInstanceOf(RouteAnswer.Found.class);
            assertThat(finder(row.topology(), blame, 0.05).find(query.choosing(RouteQuery.Choice.DISJOINT)))
                    .as("%s", metric)
                    .isInstanceOf(RouteAnswer.Found.class);
        }
    }

    private static PublicKey key(int node) {
        return RandomNetwork.KEYS.get(node);
    }

    private static LinkQuality quality() {
        return RandomNetwork.quality(new SplittableRandom(1));
    }

    private static RouteFinder finder(Topology topology, BlameSnapshot blame, double spread) {
        return RouteFinder.over(
                () -> topology, () -> blame, new SplittableRandom(1), 10_000_000, spread, new SimpleMeterRegistry());
    }

    private static List<Route> routes(
            Topology topology,
            BlameSnapshot blame,
            double spread,
            RouteQuery.Metric metric,
            int minHops,
            int maxHops,
            int count) {
        RouteQuery query = new RouteQuery(
                key(0),
                key(1),
                minHops,
                maxHops,
                count,
                metric,
                RouteQuery.Choice.BEST,
                Set.of(),
                Set.of(),
                Optional.empty());
        return finder(topology, blame, spread).find(query) instanceof RouteAnswer.Found found
                ? found.routes()
                : List.of();
    }

    private static long price(Topology topology, Trail trail) {
        return trail.over().stream()
                .mapToLong(over -> topology.price(topology.find(over.up().id()).orElseThrow()))
                .sum();
    }

    private static List<PublicKey> keys(Trail trail) {
        return trail.nodes().stream().map(RandomNetwork.KEYS::get).toList();
    }

    private static Trail trail(RandomNetwork network, Route route) {
        List<LiveTransport> over = new ArrayList<>();
        for (Route.Hop hop : route.hops()) {
            network.transports().stream()
                    .filter(one -> one.up().id().equals(hop.transport()))
                    .forEach(over::add);
        }
        return new Trail(
                RouteFinderPropertyTest.nodesOf(route).stream()
                        .map(RandomNetwork.KEYS::indexOf)
                        .toList(),
                over);
    }
}
