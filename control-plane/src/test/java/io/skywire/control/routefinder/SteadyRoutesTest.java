package io.skywire.control.routefinder;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.skywire.control.topology.LinkQuality;
import io.skywire.control.topology.LiveTransport;
import io.skywire.control.topology.Topology;
import io.skywire.control.topology.TopologyDraft;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Two ways from SOURCE to TARGET, over LEFT or over RIGHT, that cost nearly the same.
final class SteadyRoutesTest {
    private static final PublicKey SOURCE = RandomNetwork.KEYS.get(0);
    private static final PublicKey TARGET = RandomNetwork.KEYS.get(1);
    private static final PublicKey LEFT = RandomNetwork.KEYS.get(2);
    private static final PublicKey RIGHT = RandomNetwork.KEYS.get(3);
    private static final int ROUNDS = 400;
    private static final double MILLIS = 40;

    @Test
    void measurementsThatWobbleDoNotMoveTheRoute() {
        Set<PublicKey> settled = new HashSet<>();
        Set<PublicKey> unsettled = new HashSet<>();
        for (Topology topology : wobbling()) {
            settled.add(middle(topology, 0, 1));
            unsettled.add(middle(Topology.ofLive(1, RandomNetwork.NOW, keys(), live(topology)), 0, 1));
        }

        assertThat(settled).hasSize(1);
        assertThat(unsettled).as("without the dead band").hasSize(2);
    }

    /// Routes take turns by lot; but while measurements wobble, the same lot falls on the same route.
    @Test
    void beyondTheLotNothingMovesTheRoute() {
        List<Topology> wobbling = wobbling();
        Set<PublicKey> taken = new HashSet<>();
        for (long lot = 1; lot <= 40; lot++) {
            Set<PublicKey> ofThisLot = new HashSet<>();
            for (Topology topology : wobbling) {
                ofThisLot.add(middle(topology, 0.05, lot));
            }
            assertThat(ofThisLot).as("lot %s", lot).hasSize(1);
            taken.addAll(ofThisLot);
        }
        assertThat(taken).as("by lot").containsExactlyInAnyOrder(LEFT, RIGHT);
    }

    @Test
    void aWayThatGetsSlowerBitByBitIsLeftOnce() {
        SplittableRandom random = new SplittableRandom(7);
        Topology topology = Topology.ofLive(1, RandomNetwork.NOW, keys(), ways(MILLIS - 2, MILLIS));
        List<PublicKey> taken = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            taken.add(middle(topology, 0, 1));
            topology = next(topology, ways(wobble(MILLIS - 2 + round / 10.0, random), wobble(MILLIS, random)));
        }

        int changes = 0;
        for (int round = 1; round < ROUNDS; round++) {
            changes += taken.get(round).equals(taken.get(round - 1)) ? 0 : 1;
        }
        assertThat(taken.getFirst()).isEqualTo(LEFT);
        assertThat(taken.getLast()).isEqualTo(RIGHT);
        assertThat(changes).isEqualTo(1);
    }

    private static List<Topology> wobbling() {
        SplittableRandom random = new SplittableRandom(3);
        List<Topology> topologies = new ArrayList<>();
        Topology topology = Topology.ofLive(1, RandomNetwork.NOW, keys(), ways(MILLIS, MILLIS + 0.5));
        for (int round = 0; round < ROUNDS; round++) {
            topologies.add(topology);
            topology = next(topology, ways(wobble(MILLIS, random), wobble(MILLIS + 0.5, random)));
        }
        return topologies;
    }

    /// Up to a twentieth more or less.
    private static double wobble(double millis, SplittableRandom random) {
        return millis * random.nextDouble(0.95, 1.05);
    }

    private static Topology next(Topology topology, List<LiveTransport> measured) {
        TopologyDraft draft = topology.draft(RandomNetwork.NOW);
        measured.forEach(draft::up);
        draft.reprice();
        return draft.publish(topology.version() + 1, RandomNetwork.NOW);
    }

    private static List<PublicKey> keys() {
        return List.of(SOURCE, TARGET, LEFT, RIGHT);
    }

    private static List<LiveTransport> ways(double leftMillis, double rightMillis) {
        return List.of(
                transport(SOURCE, LEFT, leftMillis),
                transport(LEFT, TARGET, leftMillis),
                transport(SOURCE, RIGHT, rightMillis),
                transport(RIGHT, TARGET, rightMillis));
    }

    /// The same measurements as the topology holds, one after the other.
    private static List<LiveTransport> live(Topology topology) {
        List<LiveTransport> live = new ArrayList<>();
        topology.transports()
                .forEach(up -> live.add(new LiveTransport(
                        up, topology.quality(topology.find(up.id()).orElseThrow()), List.of())));
        return live;
    }

    private static LiveTransport transport(PublicKey one, PublicKey other, double millis) {
        Duration roundTrip = Duration.ofNanos(Math.round(millis * 1_000_000));
        return RandomNetwork.transport(
                one,
                other,
                RandomNetwork.TCP,
                new LinkQuality(Optional.of(roundTrip), 0, 0, RandomNetwork.NOW),
                List.of());
    }

    private static PublicKey middle(Topology topology, double spread, long lot) {
        RouteFinder finder = RouteFinder.over(() -> topology, () -> lot, 1_000_000, spread, new SimpleMeterRegistry());
        RouteQuery query = new RouteQuery(SOURCE, TARGET, 0, 4, 1, Set.of(), Set.of()).by(RouteQuery.Metric.COST);
        RouteAnswer answer = finder.find(query);
        assertThat(answer).isInstanceOf(RouteAnswer.Found.class);
        return ((RouteAnswer.Found) answer)
                .routes()
                .getFirst()
                .hops()
                .getFirst()
                .to();
    }
}
