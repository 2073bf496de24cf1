package io.skywire.control.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.control.discovery.TransportUp;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// Snapshots that follow from each other say the same as snapshots that were built anew. A failure names its seed.
final class TopologyDraftTest {
    private static final List<PublicKey> KEYS =
            TestKeys.pairs(300, 11).stream().map(KeyPair::publicKey).toList();
    private static final List<TransportType> TYPES = List.of(TransportType.TCP, TransportType.MESSAGING);
    private static final Instant NOW = Instant.EPOCH.plusSeconds(1_000_000);

    @Test
    void aThousandChangesLeadToWhatIsBuiltAnew() {
        for (long seed = 1; seed <= 8; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Map<TransportId, LiveTransport> live = new HashMap<>();
            Topology topology = Topology.of(0, NOW, List.of(), List.of());
            int nodes = 2 + random.nextInt(KEYS.size() - 2);
            for (int change = 0; change < 1000; change++) {
                TopologyDraft draft = topology.draft(NOW);
                for (int i = random.nextInt(3); i >= 0; i--) {
                    LiveTransport transport = transport(random, nodes);
                    if (random.nextInt(3) == 0) {
                        draft.down(transport.up().id());
                        live.remove(transport.up().id());
                    } else if (!live.containsKey(transport.up().id()) || random.nextBoolean()) {
                        // Without what was before, the price has no dead band.
                        draft.down(transport.up().id());
                        draft.up(transport);
                        live.put(transport.up().id(), transport);
                    }
                }
                topology = draft.publish(topology.version() + 1, NOW);
                if (change % 250 == 249) {
                    assertSame(topology, live.values(), seed);
                }
            }
        }
    }

    @Test
    void aSnapshotNeverChangesOnceItIsPublished() {
        SplittableRandom random = new SplittableRandom(3);
        Map<TransportId, LiveTransport> live = new HashMap<>();
        while (live.size() < 200) {
            LiveTransport transport = transport(random, 40);
            live.put(transport.up().id(), transport);
        }
        Topology first = Topology.ofLive(1, NOW, List.of(), live.values());
        Topology next = first;
        for (int i = 0; i < 500; i++) {
            TopologyDraft draft = next.draft(NOW);
            LiveTransport transport = transport(random, 60);
            draft.down(transport.up().id());
            draft.up(transport(random, 60));
            next = draft.publish(next.version() + 1, NOW);
        }

        assertSame(first, live.values(), 3);
        assertThat(next.transportCount()).isNotEqualTo(first.transportCount());
    }

    @Test
    void aNewMeasurementMovesThePriceOnlyOutsideItsDeadBand() {
        LiveTransport before = measured(Duration.ofMillis(40));
        Topology topology = Topology.ofLive(1, NOW, List.of(), List.of(before));
        int price = topology.price(0);

        TopologyDraft little = topology.draft(NOW);
        little.up(measured(Duration.ofMillis(43)));
        Topology hardlyMoved = little.publish(2, NOW);
        TopologyDraft much = topology.draft(NOW);
        much.up(measured(Duration.ofMillis(80)));
        Topology moved = much.publish(2, NOW);

        assertThat(hardlyMoved.price(0)).isEqualTo(price);
        assertThat(hardlyMoved.roundTrip(0)).contains(Duration.ofMillis(43));
        assertThat(moved.price(0)).isEqualTo(81_000);
        assertThat(Lanes.price(moved.lanes(0), 0)).isEqualTo(81_000);
        assertThat(topology.price(0)).isEqualTo(price);
    }

    @Test
    void aMeasurementThatIsNotRenewedGetsDearer() {
        Topology fresh = Topology.ofLive(1, NOW, List.of(), List.of(measured(Duration.ofMillis(40))));

        TopologyDraft later = fresh.draft(NOW.plusSeconds(LinkCost.HALF_LIFE_SECONDS));
        later.reprice();
        Topology aged = later.publish(2, NOW);

        assertThat(aged.price(0)).isBetween(fresh.price(0) + 1, LinkCost.UNMEASURED - 1);
        assertThat(Lanes.price(aged.lanes(1), 0)).isEqualTo(aged.price(0));
    }

    @Test
    void aDraftEndsWithItsPublication() {
        TopologyDraft draft = Topology.of(1, NOW, List.of(), List.of()).draft(NOW);
        draft.publish(2, NOW);

        assertThatThrownBy(() -> draft.add(KEYS.getFirst())).isInstanceOf(IllegalStateException.class);
    }

    private static LiveTransport measured(Duration roundTrip) {
        return transport(0, 1, TransportType.TCP, new LinkQuality(Optional.of(roundTrip), 0, 0, NOW), List.of());
    }

    private static LiveTransport transport(RandomGenerator random, int nodes) {
        // Low numbers are drawn more often, so that there are hubs and parallel transports.
        int one = random.nextInt(1 + random.nextInt(nodes));
        int other = random.nextInt(nodes);
        LinkQuality quality = new LinkQuality(
                random.nextInt(5) == 0 ? Optional.empty() : Optional.of(Duration.ofMillis(random.nextInt(300))),
                random.nextInt(100) / 100.0,
                random.nextInt(100) / 100.0,
                NOW.minusSeconds(random.nextInt(5000)));
        List<PublicKey> relays = random.nextInt(4) == 0 ? List.of(KEYS.get(random.nextInt(nodes))) : List.of();
        return transport(one, other, TYPES.get(random.nextInt(2)), quality, relays);
    }

    private static LiveTransport transport(
            int one, int other, TransportType type, LinkQuality quality, List<PublicKey> relays) {
        boolean isOrdered = KEYS.get(one).compareTo(KEYS.get(other)) <= 0;
        PublicKey lower = KEYS.get(isOrdered ? one : other);
        PublicKey higher = KEYS.get(isOrdered ? other : one);
        return new LiveTransport(
                new TransportUp(
                        TransportId.between(lower, higher, type),
                        lower,
                        higher,
                        type,
                        "user",
                        1400,
                        quality.roundTrip(),
                        4),
                quality,
                relays);
    }

    private static void assertSame(Topology topology, Collection<LiveTransport> live, long seed) {
        Topology fresh = Topology.ofLive(1, NOW, List.of(), live);
        assertThat(topology.transportCount()).as("seed %s", seed).isEqualTo(live.size());
        assertThat(topology.transports())
                .as("seed %s", seed)
                .containsExactlyInAnyOrderElementsOf(
                        live.stream().map(LiveTransport::up).toList());
        assertThat(topology.hasRelays()).as("seed %s", seed).isEqualTo(fresh.hasRelays());
        for (int node = 0; node < topology.nodeCount(); node++) {
            PublicKey key = topology.node(node);
            assertThat(topology.find(key)).hasValue(node);
            List<String> expected =
                    fresh.find(key).isPresent() ? lanes(fresh, fresh.find(key).getAsInt()) : List.of();
            assertThat(lanes(topology, node)).as("seed %s", seed).isEqualTo(expected);
        }
        for (LiveTransport one : live) {
            int number = topology.find(one.up().id()).orElseThrow();
            int same = fresh.find(one.up().id()).orElseThrow();
            assertThat(topology.live(number)).as("seed %s", seed).isEqualTo(fresh.live(same));
        }
    }

    /// A node's lanes in words, those of equal price in the order of their ids. Checks their order and their flags.
    private static List<String> lanes(Topology topology, int node) {
        int[] lanes = topology.lanes(node);
        int count = Lanes.count(lanes);
        List<String> words = new ArrayList<>();
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < count; i++) {
            int transport = Lanes.transport(lanes, count, i);
            assertThat(i == 0 || Lanes.price(lanes, i - 1) <= Lanes.price(lanes, i))
                    .isTrue();
            assertThat(Lanes.isFirst(lanes, i)).isEqualTo(seen.add(Lanes.to(lanes, i)));
            assertThat(Lanes.isRelayed(lanes, count, i))
                    .isEqualTo(!topology.relays(transport).isEmpty());
            words.add(String.format(
                    "%09d %s %s",
                    Lanes.price(lanes, i), topology.transport(transport), topology.node(Lanes.to(lanes, i))));
        }
        return words.stream().sorted().toList();
    }
}
