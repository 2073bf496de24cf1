package io.skywire.control.routefinder;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.blame.BlameSnapshot;
import io.skywire.control.routefinder.RandomNetwork.Trail;
import io.skywire.control.topology.LiveTransport;
import io.skywire.control.topology.Topology;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// On small random networks sets of disjoint routes are disjoint, as many as can be, and no dearer than they must be. A
/// failure names its seed.
final class DisjointRoutesPropertyTest {
    private static final int NETWORKS = 4000;

    @Test
    void withoutRelaysThereAreAsManyAsTheMaximumFlow() {
        for (long seed = 1; seed <= NETWORKS; seed++) {
            RandomNetwork network = RandomNetwork.direct(new SplittableRandom(seed));
            for (RouteQuery.Metric metric : RouteQuery.Metric.values()) {
                SearchSpace space = space(network, metric, seed);

                List<Way> ways = new DisjointPaths(space, 0, 1, 0, 16, 16).find();

                assertDisjoint(space.topology(), ways, seed);
                assertThat(ways).as("seed %s", seed).hasSize(maximumFlow(network));
                assertThat(space.isCut()).isFalse();
            }
        }
    }

    @Test
    void withoutRelaysTheirCostIsTheLeastThereIs() {
        int compared = 0;
        for (long seed = 1; seed <= NETWORKS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            RandomNetwork network = RandomNetwork.direct(random);
            List<Trail> trails = network.trails(0, 1, 0, 16, Set.of());
            if (trails.size() > 300) {
                continue; // brute force would not end
            }
            compared++;
            int count = 1 + random.nextInt(4);
            SearchSpace space = space(network, RouteQuery.Metric.COST, seed);

            List<Way> ways = new DisjointPaths(space, 0, 1, 0, 16, count).find();

            Best best = new Best(space.topology(), count, trails);
            assertThat(ways).as("seed %s", seed).hasSize(best.most);
            assertThat(ways.stream().mapToLong(space::costOf).sum())
                    .as("seed %s", seed)
                    .isEqualTo(best.cost);
        }
        assertThat(compared).isGreaterThan(NETWORKS / 2);
    }

    @Test
    void withBlameTheirCostIsTheLeastThereIs() {
        int compared = 0;
        for (long seed = 1; seed <= NETWORKS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            RandomNetwork network = RandomNetwork.direct(random);
            BlameSnapshot blame = network.blame(random);
            List<Trail> trails = network.trails(0, 1, 0, 16, Set.of());
            if (trails.size() > 300) {
                continue;
            }
            compared++;
            int count = 1 + random.nextInt(4);
            SearchSpace space = space(network, RouteQuery.Metric.COST, seed);
            space.blame(Surcharges.of(space.topology(), blame), 0, 1);

            List<Way> ways = new DisjointPaths(space, 0, 1, 0, 16, count).find();

            assertDisjoint(space.topology(), ways, seed);
            Best best = new Best(space.topology(), count, trails, blame);
            assertThat(ways).as("seed %s", seed).hasSize(best.most);
            assertThat(ways.stream().mapToLong(space::costOf).sum())
                    .as("seed %s", seed)
                    .isEqualTo(best.cost);
        }
        assertThat(compared).isGreaterThan(NETWORKS / 2);
    }

    @Test
    void byHopsWithBlameThereAreAsManyAsTheMaximumFlow() {
        for (long seed = 1; seed <= NETWORKS / 4; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            RandomNetwork network = RandomNetwork.direct(random);
            SearchSpace blamed = space(network, RouteQuery.Metric.HOPS, seed);
            blamed.blame(Surcharges.of(blamed.topology(), network.blame(random)), 0, 1);

            List<Way> ways = new DisjointPaths(blamed, 0, 1, 0, 16, 4).find();

            List<Way> clean = new DisjointPaths(space(network, RouteQuery.Metric.HOPS, seed), 0, 1, 0, 16, 4).find();
            assertDisjoint(blamed.topology(), ways, seed);
            assertThat(ways).as("seed %s", seed).hasSameSizeAs(clean);
            assertThat(ways.stream().mapToInt(Way::hops).sum())
                    .as("seed %s", seed)
                    .isEqualTo(clean.stream().mapToInt(Way::hops).sum());
        }
    }

    @Test
    void withRelaysThereAreAsManyAsBruteForceFinds() {
        int compared = 0;
        for (long seed = 1; seed <= NETWORKS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            RandomNetwork network = RandomNetwork.relayed(random);
            List<Trail> trails = network.trails(0, 1, 0, 16, Set.of());
            SearchSpace space = space(network, RouteQuery.Metric.COST, seed);

            List<Way> ways = new DisjointPaths(space, 0, 1, 0, 16, 4).find();

            assertDisjoint(space.topology(), ways, seed);
            if (trails.size() <= 200 && !space.isCut()) {
                compared++;
                assertThat(ways).as("seed %s", seed).hasSize(new Best(space.topology(), 4, trails).most);
            }
        }
        assertThat(compared).isGreaterThan(NETWORKS / 2);
    }

    private static SearchSpace space(RandomNetwork network, RouteQuery.Metric metric, long seed) {
        return new SearchSpace(network.topology(), new SearchMemory(), metric, 0, seed, 10_000_000);
    }

    private static void assertDisjoint(Topology topology, List<Way> ways, long seed) {
        Set<Integer> fates = new HashSet<>();
        Set<Integer> transports = new HashSet<>();
        for (Way way : ways) {
            assertThat(way.nodes()[0]).isEqualTo(0);
            assertThat(way.nodes()[way.hops()]).isEqualTo(1);
            for (int i = 0; i < way.hops(); i++) {
                assertThat(transports.add(way.transports()[i]))
                        .as("seed %s", seed)
                        .isTrue();
                if (i > 0) {
                    assertThat(fates.add(way.nodes()[i])).as("seed %s", seed).isTrue();
                }
                for (int relay : topology.relays(way.transports()[i])) {
                    assertThat(relay <= 1 || fates.add(relay))
                            .as("seed %s", seed)
                            .isTrue();
                }
            }
        }
    }

    /// The largest set of trails that share nothing, and the least that so many cost, by trying everything.
    private static final class Best {
        private final Topology topology;
        private final int limit;
        private final BlameSnapshot blame;
        int most;
        long cost;

        Best(Topology topology, int limit, List<Trail> trails) {
            this(topology, limit, trails, BlameSnapshot.CLEAN);
        }

        Best(Topology topology, int limit, List<Trail> trails, BlameSnapshot blame) {
            this.blame = blame;
            this.topology = topology;
            this.limit = limit;
            List<Trail> sound = new ArrayList<>();
            for (Trail trail : trails) {
                List<Integer> fates = fates(trail);
                if (new HashSet<>(fates).size() == fates.size()) {
                    sound.add(trail);
                }
            }
            extend(sound, 0, 0, new HashSet<>(), 0);
        }

        private void extend(List<Trail> trails, int from, int count, Set<Object> used, long sum) {
            if (count > most || (count == most && sum < cost)) {
                most = count;
                cost = sum;
            }
            if (count == limit) {
                return;
            }
            for (int i = from; i < trails.size(); i++) {
                Set<Object> own = new HashSet<>(fates(trails.get(i)));
                trails.get(i).over().forEach(over -> own.add(over.up().id()));
                if (own.stream().noneMatch(used::contains)) {
                    Set<Object> next = new HashSet<>(used);
                    next.addAll(own);
                    extend(trails, i + 1, count + 1, next, sum + cost(trails.get(i)));
                }
            }
        }

        private long cost(Trail trail) {
            return RandomNetwork.surcharge(trail, blame)
                    + trail.over().stream()
                            .mapToLong(over ->
                                    topology.price(topology.find(over.up().id()).orElseThrow()))
                            .sum();
        }

        private static List<Integer> fates(Trail trail) {
            List<Integer> fates =
                    new ArrayList<>(trail.nodes().subList(1, trail.nodes().size() - 1));
            for (LiveTransport over : trail.over()) {
                over.relays().stream()
                        .map(RandomNetwork.KEYS::indexOf)
                        .filter(relay -> relay > 1)
                        .forEach(fates::add);
            }
            return fates;
        }
    }

    /// Augmenting paths by breadth-first search over split nodes, in a matrix: slow and plain.
    private static int maximumFlow(RandomNetwork network) {
        int n = network.size();
        int[][] capacity = new int[2 * n][2 * n];
        for (int node = 0; node < n; node++) {
            capacity[2 * node][2 * node + 1] = node <= 1 ? 1000 : 1;
        }
        for (LiveTransport transport : network.transports()) {
            int lower = RandomNetwork.KEYS.indexOf(transport.up().lower());
            int higher = RandomNetwork.KEYS.indexOf(transport.up().higher());
            capacity[2 * lower + 1][2 * higher]++;
            capacity[2 * higher + 1][2 * lower]++;
        }
        int flow = 0;
        while (true) {
            int[] parent = new int[2 * n];
            Arrays.fill(parent, -1);
            parent[1] = 1;
            Deque<Integer> queue = new ArrayDeque<>(List.of(1));
            while (!queue.isEmpty() && parent[2] < 0) {
                int vertex = queue.remove();
                for (int next = 0; next < 2 * n; next++) {
                    if (parent[next] < 0 && capacity[vertex][next] > 0) {
                        parent[next] = vertex;
                        queue.add(next);
                    }
                }
            }
            if (parent[2] < 0) {
                return flow;
            }
            for (int vertex = 2; vertex != 1; vertex = parent[vertex]) {
                capacity[parent[vertex]][vertex]--;
                capacity[vertex][parent[vertex]]++;
            }
            flow++;
        }
    }
}
