package io.skywire.control.routefinder;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.skywire.control.routefinder.RandomNetwork.Trail;
import io.skywire.control.topology.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// On small random networks the routes by price are what brute force says. A failure names its seed.
final class CheapestRoutesPropertyTest {
    private static final int NETWORKS = 4000;
    private static final long WORK = 10_000_000;

    @Test
    void theCheapestSimpleRoutesEqualBruteForce() {
        for (long seed = 1; seed <= NETWORKS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            RandomNetwork network = seed % 4 == 0 ? RandomNetwork.relayed(random) : RandomNetwork.direct(random);
            Question question = Question.random(random, network, seed);

            List<Long> found = costs(network, question, 0, WORK);

            List<Long> expected = expected(network, question);
            assertThat(found)
                    .as("%s", question)
                    .isEqualTo(expected.subList(0, Math.min(question.count, expected.size())));
        }
    }

    @Test
    void nearlyAsGoodRoutesStayWithinTheSpread() {
        for (long seed = 1; seed <= NETWORKS / 4; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            RandomNetwork network = RandomNetwork.direct(random);
            Question question = new Question(0, 1, 0, 16, 1, Set.of(), seed);

            List<Long> found = costs(network, question, 0.1, WORK);

            List<Long> expected = expected(network, question);
            assertThat(found).as("%s", question).hasSize(Math.min(1, expected.size()));
            if (!found.isEmpty()) {
                // A tenth for the nodes, and a tenth of that for the choice among parallel transports.
                assertThat(found.getFirst())
                        .as("%s", question)
                        .isBetween(expected.getFirst(), (long) (expected.getFirst() * 1.21) + 16);
            }
        }
    }

    /// Every bound from nothing to plenty: a search never looks at more, and says whether it was cut.
    @Test
    void noSearchExceedsItsBound() {
        int cut = 0;
        for (long seed = 1; seed <= NETWORKS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            RandomNetwork network = RandomNetwork.relayed(random);
            Topology topology = network.topology();
            long bound = random.nextInt(40);
            for (RouteQuery.Metric metric : RouteQuery.Metric.values()) {
                SearchSpace space = new SearchSpace(topology, new SearchMemory(), metric, 0.1, seed, bound);
                List<?> found = switch (random.nextInt(3)) {
                    case 0 -> new CheapestPaths(space, 0, 1, 16).find(0, 4);
                    case 1 -> new DisjointPaths(space, 0, 1, 0, 16, 4).find();
                    default -> new ShortestPaths(space, 0, 1, random, 50).find(2, 16, 4);
                };
                assertThat(space.workLeft()).as("seed %s", seed).isNotNegative();
                cut += space.isCut() ? 1 : 0;
                assertThat(found.size()).isLessThanOrEqualTo(4);
            }
        }
        assertThat(cut).as("searches that met their bound").isGreaterThan(NETWORKS / 8);
    }

    @Test
    void aRouteDisjointFromAnotherSharesNothingWithIt() {
        int answered = 0;
        for (long seed = 1; seed <= NETWORKS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            RandomNetwork network = RandomNetwork.relayed(random);
            Topology topology = network.topology();
            RouteFinder finder = finder(topology, 0, WORK);
            RouteQuery query = new Question(0, 1, 0, 16, 1, Set.of(), seed).query();
            if (!(finder.find(query) instanceof RouteAnswer.Found first)) {
                continue;
            }
            Route taken = first.routes().getFirst();

            RouteAnswer answer = finder.find(query.disjointFrom(taken));

            Set<Integer> used = fates(topology, taken);
            Set<Integer> others = new HashSet<>(used);
            boolean isPossible = network.trails(0, 1, 0, 16, others).stream()
                    .anyMatch(trail -> trail.over().stream()
                            .noneMatch(over -> taken.hops().stream()
                                    .anyMatch(hop ->
                                            hop.transport().equals(over.up().id()))));
            assertThat(answer instanceof RouteAnswer.Found).as("seed %s", seed).isEqualTo(isPossible);
            if (answer instanceof RouteAnswer.Found found) {
                answered++;
                assertThat(fates(topology, found.routes().getFirst()))
                        .as("seed %s", seed)
                        .noneMatch(used::contains);
            }
        }
        assertThat(answered).isGreaterThan(NETWORKS / 20);
    }

    /// The nodes between the ends and the relays.
    static Set<Integer> fates(Topology topology, Route route) {
        Set<Integer> fates = new HashSet<>();
        for (Route.Hop hop : route.hops()) {
            fates.add(topology.find(hop.to()).orElseThrow());
            fates.addAll(topology.relays(topology.find(hop.transport()).orElseThrow()));
        }
        fates.remove(topology.find(route.source()).orElseThrow());
        fates.remove(topology.find(route.destination()).orElseThrow());
        return fates;
    }

    private record Question(int from, int to, int minHops, int maxHops, int count, Set<Integer> avoid, long seed) {
        static Question random(SplittableRandom random, RandomNetwork network, long seed) {
            int minHops = random.nextInt(4);
            return new Question(
                    random.nextInt(network.size()),
                    random.nextInt(network.size()),
                    minHops,
                    Math.max(1, minHops + random.nextInt(7)),
                    1 + random.nextInt(RouteQuery.MAX_COUNT),
                    random.nextInt(3) == 0 ? Set.of(random.nextInt(network.size())) : Set.of(),
                    seed);
        }

        RouteQuery query() {
            return new RouteQuery(
                    RandomNetwork.KEYS.get(from),
                    RandomNetwork.KEYS.get(to),
                    minHops,
                    maxHops,
                    count,
                    RouteQuery.Metric.COST,
                    RouteQuery.Choice.BEST,
                    Set.copyOf(avoid.stream().map(RandomNetwork.KEYS::get).toList()),
                    Set.of(),
                    Optional.empty());
        }
    }

    private static RouteFinder finder(Topology topology, double spread, long work) {
        return RouteFinder.over(() -> topology, new SplittableRandom(1), work, spread, new SimpleMeterRegistry());
    }

    private static List<Long> costs(RandomNetwork network, Question question, double spread, long work) {
        Topology topology = network.topology();
        RouteAnswer answer = finder(topology, spread, work).find(question.query());
        List<Long> costs = new ArrayList<>();
        if (answer instanceof RouteAnswer.Found found) {
            assertThat(found.extent()).isEqualTo(RouteAnswer.Extent.WHOLE);
            Set<List<?>> distinct = new HashSet<>();
            for (Route route : found.routes()) {
                assertThat(distinct.add(RouteFinderPropertyTest.nodesOf(route)))
                        .as("%s", question)
                        .isTrue();
                assertThat(Set.copyOf(RouteFinderPropertyTest.nodesOf(route)))
                        .as("%s", question)
                        .hasSize(route.hops().size() + 1);
                costs.add(route.hops().stream()
                        .mapToLong(hop ->
                                topology.price(topology.find(hop.transport()).orElseThrow()))
                        .sum());
            }
        }
        return costs;
    }

    /// The cost of each path by its cheapest transports, in order.
    private static List<Long> expected(RandomNetwork network, Question question) {
        Topology topology = network.topology();
        Map<List<Integer>, Long> cheapest = new HashMap<>();
        for (Trail trail :
                network.trails(question.from, question.to, question.minHops, question.maxHops, question.avoid)) {
            long cost = trail.over().stream()
                    .mapToLong(
                            over -> topology.price(topology.find(over.up().id()).orElseThrow()))
                    .sum();
            cheapest.merge(trail.nodes(), cost, Math::min);
        }
        return cheapest.values().stream().sorted().toList();
    }
}
