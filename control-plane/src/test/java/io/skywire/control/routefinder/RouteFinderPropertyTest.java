package io.skywire.control.routefinder;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.skywire.control.blame.BlameSnapshot;
import io.skywire.control.discovery.TransportUp;
import io.skywire.control.testing.TestKeys;
import io.skywire.control.topology.Topology;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// On small random graphs the finder says exactly what brute force says. A failure names its seed.
final class RouteFinderPropertyTest {
    private static final List<PublicKey> KEYS =
            TestKeys.pairs(9, 5).stream().map(KeyPair::publicKey).toList();
    private static final List<TransportType> TYPES =
            List.of(TransportType.TCP, TransportType.MESSAGING, new TransportType("stcpr"));
    private static final int GRAPHS = 4000;

    @Test
    void equalsBruteForce() {
        for (long seed = 1; seed <= GRAPHS; seed++) {
            compare(seed, 2_000_000);
        }
    }

    /// The costlier pruning takes over only in large graphs; here it is asked directly, against the cheap one's
    /// answers.
    @Test
    void residualPruningEqualsBruteForce() {
        for (long seed = 1; seed <= GRAPHS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Graph graph = Graph.random(random);
            int minHops = random.nextInt(5);
            int maxHops = Math.max(1, minHops + random.nextInt(6));
            Topology topology = graph.topology();
            SearchSpace space =
                    new SearchSpace(topology, new SearchMemory(), RouteQuery.Metric.HOPS, 0, seed, 2_000_000);
            int from = topology.find(KEYS.get(0)).orElseThrow();
            int to = topology.find(KEYS.get(1)).orElseThrow();
            ShortestPaths paths = new ShortestPaths(space, from, to, random, 0);

            List<List<PublicKey>> found = paths.find(minHops, maxHops, 1_000_000).stream()
                    .map(path -> java.util.Arrays.stream(path)
                            .mapToObj(topology::node)
                            .toList())
                    .toList();

            List<List<PublicKey>> expected =
                    graph.bruteForce(KEYS.get(0), KEYS.get(1), minHops, maxHops, Set.of(), Set.of());
            assertThat(Set.copyOf(found)).as("seed %s", seed).isEqualTo(Set.copyOf(expected));
            assertThat(found).as("seed %s", seed).hasSameSizeAs(expected);
            assertThat(found).as("seed %s", seed).extracting(List::size).isSorted();
        }
    }

    private static void compare(long seed, long work) {
        SplittableRandom random = new SplittableRandom(seed);
        Graph graph = Graph.random(random);
        PublicKey from = KEYS.get(random.nextInt(graph.size()));
        PublicKey to = KEYS.get(random.nextInt(graph.size()));
        int minHops = random.nextInt(5);
        int maxHops = Math.max(1, minHops + random.nextInt(6));
        int count = 1 + random.nextInt(RouteQuery.MAX_COUNT);
        Set<PublicKey> avoidNodes = random.nextInt(3) == 0 ? Set.of(KEYS.get(random.nextInt(9))) : Set.of();
        Set<TransportId> avoidTransports = new HashSet<>();
        for (TransportUp transport : graph.transports()) {
            if (random.nextInt(8) == 0) {
                avoidTransports.add(transport.id());
            }
        }
        RouteQuery query = new RouteQuery(from, to, minHops, maxHops, count, avoidNodes, avoidTransports);
        Topology topology = graph.topology();
        RouteFinder finder = new SnapshotRouteFinder(
                () -> topology,
                () -> BlameSnapshot.CLEAN,
                random,
                new RouteFinderSettings(work, 0.05),
                new SimpleMeterRegistry());

        RouteAnswer answer = finder.find(query);

        List<List<PublicKey>> expected = graph.bruteForce(from, to, minHops, maxHops, avoidNodes, avoidTransports);
        String about = "seed " + seed + ", " + query;
        assertThat(answer.topologyVersion()).isEqualTo(7);
        if (from.equals(to) || expected.isEmpty()) {
            assertThat(answer).as(about).isInstanceOf(RouteAnswer.NoRoute.class);
            return;
        }
        assertThat(answer).as(about).isInstanceOf(RouteAnswer.Found.class);
        List<Route> routes = ((RouteAnswer.Found) answer).routes();
        List<List<PublicKey>> found =
                routes.stream().map(RouteFinderPropertyTest::nodesOf).toList();
        assertThat(found)
                .as(about)
                .hasSize(Math.min(count, expected.size()))
                .doesNotHaveDuplicates()
                .isSubsetOf(expected);
        assertThat(found.stream().map(List::size))
                .as(about)
                .containsExactlyElementsOf(
                        expected.stream().map(List::size).sorted().limit(count).toList());
        for (Route route : routes) {
            for (Route.Hop hop : route.hops()) {
                assertThat(graph.transports())
                        .as(about)
                        .anyMatch(transport -> transport.id().equals(hop.transport())
                                && transport.maxPayload() == hop.maxPayload()
                                && Set.of(transport.lower(), transport.higher()).equals(Set.of(hop.from(), hop.to())));
                assertThat(avoidTransports).as(about).doesNotContain(hop.transport());
            }
        }
    }

    static List<PublicKey> nodesOf(Route route) {
        List<PublicKey> nodes = new ArrayList<>(List.of(route.source()));
        route.hops().forEach(hop -> nodes.add(hop.to()));
        return nodes;
    }

    private record Graph(int size, List<TransportUp> transports) {
        static Graph random(SplittableRandom random) {
            int size = 2 + random.nextInt(KEYS.size() - 1);
            int density = 1 + random.nextInt(10);
            List<TransportUp> transports = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                for (int j = i; j < size; j++) {
                    for (TransportType type : TYPES) {
                        if (random.nextInt(20) < density) {
                            transports.add(transport(KEYS.get(i), KEYS.get(j), type, 1000 + random.nextInt(1000)));
                        }
                    }
                }
            }
            return new Graph(size, transports);
        }

        Topology topology() {
            return Topology.of(7, Instant.EPOCH, KEYS.subList(0, size), transports);
        }

        /// Every simple path within the query, by trying everything.
        List<List<PublicKey>> bruteForce(
                PublicKey from,
                PublicKey to,
                int minHops,
                int maxHops,
                Set<PublicKey> avoidNodes,
                Set<TransportId> avoidTransports) {
            Map<PublicKey, Set<PublicKey>> neighbours = new HashMap<>();
            for (TransportUp transport : transports) {
                if (!avoidTransports.contains(transport.id())) {
                    neighbours
                            .computeIfAbsent(transport.lower(), key -> new HashSet<>())
                            .add(transport.higher());
                    neighbours
                            .computeIfAbsent(transport.higher(), key -> new HashSet<>())
                            .add(transport.lower());
                }
            }
            List<List<PublicKey>> found = new ArrayList<>();
            if (!avoidNodes.contains(from)) {
                extend(List.of(from), to, minHops, maxHops, avoidNodes, neighbours, found);
            }
            return found;
        }

        private static void extend(
                List<PublicKey> path,
                PublicKey to,
                int minHops,
                int maxHops,
                Set<PublicKey> avoidNodes,
                Map<PublicKey, Set<PublicKey>> neighbours,
                List<List<PublicKey>> found) {
            if (path.getLast().equals(to)) {
                if (path.size() - 1 >= minHops && path.size() > 1) {
                    found.add(path);
                }
                return;
            }
            if (path.size() - 1 == maxHops) {
                return;
            }
            for (PublicKey next : neighbours.getOrDefault(path.getLast(), Set.of())) {
                if (!path.contains(next) && !avoidNodes.contains(next)) {
                    List<PublicKey> longer = new ArrayList<>(path);
                    longer.add(next);
                    extend(longer, to, minHops, maxHops, avoidNodes, neighbours, found);
                }
            }
        }
    }

    static TransportUp transport(PublicKey one, PublicKey other, TransportType type, int maxPayload) {
        boolean ordered = one.compareTo(other) <= 0;
        return new TransportUp(
                TransportId.between(one, other, type),
                ordered ? one : other,
                ordered ? other : one,
                type,
                maxPayload,
                Optional.empty(),
                1);
    }
}
