package io.skywire.control.routefinder;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.skywire.control.blame.BlameSnapshot;
import io.skywire.control.discovery.DownTransport;
import io.skywire.control.discovery.DownTransports;
import io.skywire.control.routefinder.RandomNetwork.Trail;
import io.skywire.control.routefinder.RouteExplanation.Candidate;
import io.skywire.control.routefinder.RouteExplanation.Cut;
import io.skywire.control.routefinder.RouteExplanation.Exclusion;
import io.skywire.control.routefinder.RouteExplanation.Reason;
import io.skywire.control.routefinder.RouteExplanation.Standing;
import io.skywire.control.routefinder.RouteExplanation.Verdict;
import io.skywire.control.topology.LiveTransport;
import io.skywire.control.topology.Topology;
import io.skywire.control.topology.TopologyDraft;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// On small random networks explanations are what brute force says. A failure names its seed.
final class RouteReasonsPropertyTest {
    private static final int NETWORKS = 3000;
    private static final double SPREAD = 0.05;
    private static final DownTransports NOTHING_DOWN = (edges, limit) -> List.of();

    @Test
    void partsAddUpAndLosersFollowInOrder() {
        int explained = 0;
        for (long seed = 1; seed <= NETWORKS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            RandomNetwork network = seed % 4 == 0 ? RandomNetwork.relayed(random) : RandomNetwork.direct(random);
            BlameSnapshot blame = network.blame(random);
            Topology topology = aged(network);

            RouteExplanation explanation =
                    reasons(topology, blame, NOTHING_DOWN).explain(query(RouteQuery.Metric.COST, 0, 16));

            Map<List<PublicKey>, Long> least = new HashMap<>();
            for (Trail trail : network.trails(0, 1, 0, 16, Set.of())) {
                least.merge(keys(trail), price(topology, trail) + RandomNetwork.surcharge(trail, blame), Math::min);
            }
            if (least.isEmpty()) {
                assertThat(explanation.verdict()).as("seed %s", seed).isInstanceOf(Verdict.NoRoute.class);
                continue;
            }
            explained++;
            List<Candidate> candidates = candidates(explanation);
            assertThat(candidates.stream().map(Candidate::cost).map(Integer::longValue))
                    .as("seed %s", seed)
                    .containsExactlyElementsOf(least.values().stream()
                            .sorted()
                            .limit(1 + RouteExplanation.MOST_OTHERS)
                            .toList());
            for (Candidate candidate : candidates) {
                assertThat(candidate.cost() - candidates.getFirst().cost())
                        .as("seed %s", seed)
                        .isEqualTo(candidate.extraCost());
                for (int i = 0; i < candidate.costs().size(); i++) {
                    RouteExplanation.HopCost cost = candidate.costs().get(i);
                    int transport = topology.find(
                                    candidate.route().hops().get(i).transport())
                            .orElseThrow();
                    assertThat(cost.price().sum() + cost.settling())
                            .as("seed %s", seed)
                            .isEqualTo(topology.price(transport));
                }
            }
        }
        assertThat(explained).isGreaterThan(NETWORKS / 4);
    }

    @Test
    void whatTheFinderAnswersByLotIsSaidToTakeTurns() {
        int turns = 0;
        for (long seed = 1; seed <= NETWORKS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            RandomNetwork network = RandomNetwork.direct(random);
            BlameSnapshot blame = random.nextInt(2) == 0 ? network.blame(random) : BlameSnapshot.CLEAN;
            Topology topology = network.topology();
            for (RouteQuery.Metric metric : RouteQuery.Metric.values()) {
                RouteQuery query = query(metric, 0, 16);
                RouteFinder finder = RouteFinder.over(
                        () -> topology, () -> blame, random, 1_000_000, SPREAD, new SimpleMeterRegistry());
                if (!(finder.find(query) instanceof RouteAnswer.Found found)) {
                    continue;
                }
                List<PublicKey> taken =
                        RouteFinderPropertyTest.nodesOf(found.routes().getFirst());
                for (Candidate candidate :
                        candidates(reasons(topology, blame, NOTHING_DOWN).explain(query))) {
                    if (RouteFinderPropertyTest.nodesOf(candidate.route()).equals(taken)) {
                        assertThat(candidate.standing())
                                .as("seed %s by %s", seed, metric)
                                .isNotEqualTo(Standing.LOST);
                    }
                }
                turns++;
            }
        }
        assertThat(turns).isGreaterThan(NETWORKS / 4);
    }

    @Test
    void aCutNamesBothSidesAndExactlyWhatWouldJoinThem() {
        int cuts = 0;
        for (long seed = 1; seed <= NETWORKS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            RandomNetwork whole = RandomNetwork.direct(random);
            List<LiveTransport> up = new ArrayList<>();
            List<LiveTransport> down = new ArrayList<>();
            for (LiveTransport transport : whole.transports()) {
                (random.nextInt(3) == 0 ? up : down).add(transport);
            }
            RandomNetwork network = new RandomNetwork(whole.size(), up);

            RouteExplanation explanation = reasons(network.topology(), BlameSnapshot.CLEAN, downs(down))
                    .explain(query(RouteQuery.Metric.COST, 0, 16));

            Set<PublicKey> source = component(up, RandomNetwork.KEYS.get(0));
            Set<PublicKey> target = component(up, RandomNetwork.KEYS.get(1));
            if (source.equals(target)) {
                assertThat(explanation.verdict()).as("seed %s", seed).isInstanceOf(Verdict.Chosen.class);
                continue;
            }
            Cut cut = ((Verdict.NoRoute) explanation.verdict()).cut();
            cuts++;
            assertThat(cut.source().members()).as("seed %s", seed).containsExactlyInAnyOrderElementsOf(source);
            assertThat(cut.source().nodes()).isEqualTo(source.size());
            assertThat(cut.target().members()).as("seed %s", seed).containsExactlyInAnyOrderElementsOf(target);
            assertThat(cut.leastHops()).isEmpty();
            Set<TransportId> joining = new HashSet<>();
            for (LiveTransport transport : down) {
                PublicKey lower = transport.up().lower();
                PublicKey higher = transport.up().higher();
                if ((source.contains(lower) && target.contains(higher))
                        || (source.contains(higher) && target.contains(lower))) {
                    joining.add(transport.up().id());
                }
            }
            assertThat(cut.missing()).as("seed %s", seed).allMatch(missing -> missing.reason() == Reason.DOWN);
            assertThat(cut.missing().size() + cut.moreMissing()).isEqualTo(joining.size());
            assertThat(joining)
                    .as("seed %s", seed)
                    .containsAll(cut.missing().stream()
                            .map(Exclusion::transport)
                            .flatMap(Optional::stream)
                            .toList());
        }
        assertThat(cuts).isGreaterThan(NETWORKS / 4);
    }

    @Test
    void aNodeToAvoidThatWouldJoinTheSidesIsNamed() {
        int named = 0;
        for (long seed = 1; seed <= NETWORKS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            RandomNetwork network = RandomNetwork.direct(random);
            if (network.size() < 3) {
                continue;
            }
            RouteQuery avoiding = new RouteQuery(
                    RandomNetwork.KEYS.get(0),
                    RandomNetwork.KEYS.get(1),
                    0,
                    16,
                    1,
                    Set.of(RandomNetwork.KEYS.get(2)),
                    Set.of());
            boolean isJoinedWith = !network.trails(0, 1, 0, 16, Set.of()).isEmpty();
            boolean isJoinedWithout = !network.trails(0, 1, 0, 16, Set.of(2)).isEmpty();

            RouteExplanation explanation = reasons(network.topology(), BlameSnapshot.CLEAN, NOTHING_DOWN)
                    .explain(avoiding);

            assertThat(explanation.verdict() instanceof Verdict.Chosen)
                    .as("seed %s", seed)
                    .isEqualTo(isJoinedWithout);
            if (explanation.verdict() instanceof Verdict.NoRoute none
                    && none.cut().source().nodes() > 0) {
                boolean isNamed = none.cut().missing().stream()
                        .anyMatch(missing -> missing.reason() == Reason.AVOIDED_NODE
                                && missing.nodes().equals(List.of(RandomNetwork.KEYS.get(2))));
                named += isNamed ? 1 : 0;
                assertThat(isNamed).as("seed %s", seed).isEqualTo(isJoinedWith);
            }
        }
        assertThat(named).isGreaterThan(NETWORKS / 100);
    }

    /// As it stands some minutes later: prices have settled, measurements have aged.
    private static Topology aged(RandomNetwork network) {
        TopologyDraft draft = network.topology().draft(RandomNetwork.NOW.plusSeconds(200));
        draft.reprice();
        return draft.publish(8, RandomNetwork.NOW.plusSeconds(200));
    }

    private static RouteReasons reasons(Topology topology, BlameSnapshot blame, DownTransports downs) {
        return RouteReasons.over(
                () -> topology, () -> blame, downs, () -> RandomNetwork.NOW.plusSeconds(260), 1_000_000, SPREAD);
    }

    private static DownTransports downs(List<LiveTransport> down) {
        return (edges, limit) -> down.stream()
                .filter(one -> edges.contains(one.up().lower())
                        || edges.contains(one.up().higher()))
                .limit(limit)
                .map(one -> new DownTransport(
                        one.up().id(),
                        one.up().lower(),
                        one.up().higher(),
                        DownTransport.Word.DOWN,
                        DownTransport.Word.EXPIRED,
                        RandomNetwork.NOW))
                .toList();
    }

    private static Set<PublicKey> component(List<LiveTransport> transports, PublicKey start) {
        Set<PublicKey> reached = new HashSet<>(Set.of(start));
        boolean grows = true;
        while (grows) {
            grows = false;
            for (LiveTransport transport : transports) {
                if (reached.contains(transport.up().lower())
                        || reached.contains(transport.up().higher())) {
                    grows |= reached.add(transport.up().lower());
                    grows |= reached.add(transport.up().higher());
                }
            }
        }
        return reached;
    }

    private static RouteQuery query(RouteQuery.Metric metric, int minHops, int maxHops) {
        return new RouteQuery(
                        RandomNetwork.KEYS.get(0), RandomNetwork.KEYS.get(1), minHops, maxHops, 1, Set.of(), Set.of())
                .by(metric);
    }

    private static List<Candidate> candidates(RouteExplanation explanation) {
        Verdict.Chosen chosen = (Verdict.Chosen) explanation.verdict();
        List<Candidate> all = new ArrayList<>(List.of(chosen.route()));
        all.addAll(chosen.others());
        return all;
    }

    private static long price(Topology topology, Trail trail) {
        return trail.over().stream()
                .mapToLong(over -> topology.price(topology.find(over.up().id()).orElseThrow()))
                .sum();
    }

    private static List<PublicKey> keys(Trail trail) {
        return trail.nodes().stream().map(RandomNetwork.KEYS::get).toList();
    }
}
