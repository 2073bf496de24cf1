package io.skywire.control.routefinder;

import io.skywire.control.blame.BlameSnapshot;
import io.skywire.control.discovery.TransportUp;
import io.skywire.control.testing.TestKeys;
import io.skywire.control.topology.LinkQuality;
import io.skywire.control.topology.LiveTransport;
import io.skywire.control.topology.Topology;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/// A small random network with measurements, some of them equal, and relays for some transports.
record RandomNetwork(int size, List<LiveTransport> transports) {
    static final List<PublicKey> KEYS =
            TestKeys.pairs(9, 5).stream().map(KeyPair::publicKey).toList();
    static final Instant NOW = Instant.EPOCH.plusSeconds(1_000_000);
    static final TransportType TCP = TransportType.TCP;
    private static final List<TransportType> TYPES =
            List.of(TransportType.TCP, TransportType.MESSAGING, new TransportType("stcpr"));

    static RandomNetwork direct(RandomGenerator random) {
        return random(random, 0);
    }

    static RandomNetwork relayed(RandomGenerator random) {
        return random(random, 1 + random.nextInt(6));
    }

    private static RandomNetwork random(RandomGenerator random, int relayedOfTen) {
        int parallel = 1 + random.nextInt(TYPES.size());
        int size = 2 + random.nextInt(8 - parallel);
        int density = 1 + random.nextInt(12 / parallel);
        List<LiveTransport> transports = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            for (int j = i; j < size; j++) {
                for (TransportType type : TYPES.subList(0, parallel)) {
                    if (random.nextInt(20) < density) {
                        List<PublicKey> relays = new ArrayList<>();
                        while (random.nextInt(10) < relayedOfTen && relays.size() < 2) {
                            PublicKey relay = KEYS.get(random.nextInt(size));
                            if (!relays.contains(relay)) {
                                relays.add(relay);
                            }
                        }
                        transports.add(transport(KEYS.get(i), KEYS.get(j), type, quality(random), relays));
                    }
                }
            }
        }
        return new RandomNetwork(size, transports);
    }

    static LinkQuality quality(RandomGenerator random) {
        Optional<Duration> roundTrip = random.nextInt(8) == 0
                ? Optional.empty()
                : Optional.of(Duration.ofMillis(random.nextInt(6) == 0 ? 20 : 1 + random.nextInt(200)));
        return new LinkQuality(roundTrip, 0, random.nextInt(3) / 4.0, NOW.minusSeconds(random.nextInt(3_000)));
    }

    static LiveTransport transport(
            PublicKey one, PublicKey other, TransportType type, LinkQuality quality, List<PublicKey> relays) {
        boolean isOrdered = one.compareTo(other) <= 0;
        TransportUp up = new TransportUp(
                TransportId.between(one, other, type),
                isOrdered ? one : other,
                isOrdered ? other : one,
                type,
                1000,
                quality.roundTrip(),
                1);
        return new LiveTransport(up, quality, relays);
    }

    /// About every fourth node and every sixth transport is blamed, some of them as much as can be.
    BlameSnapshot blame(RandomGenerator random) {
        Map<PublicKey, Double> nodes = new HashMap<>();
        for (PublicKey node : KEYS.subList(0, size)) {
            if (random.nextInt(4) == 0) {
                nodes.put(node, random.nextInt(1, 400) / 100.0);
            }
        }
        Map<TransportId, Double> scores = new HashMap<>();
        for (LiveTransport transport : transports) {
            if (random.nextInt(6) == 0) {
                scores.put(transport.up().id(), random.nextInt(1, 400) / 100.0);
            }
        }
        return new BlameSnapshot(NOW, nodes, scores);
    }

    /// What blame adds to a trail: each transport's, and each node's between the ends.
    static long surcharge(Trail trail, BlameSnapshot blame) {
        long sum = 0;
        for (int node : trail.nodes().subList(1, trail.hops())) {
            sum += BlameCost.surcharge(blame.scoreOf(KEYS.get(node)));
        }
        for (LiveTransport over : trail.over()) {
            sum += BlameCost.surcharge(blame.scoreOf(over.up().id()));
        }
        return sum;
    }

    Topology topology() {
        return Topology.ofLive(7, NOW, KEYS.subList(0, size), transports);
    }

    /// One way through the network: transports by their place in [#transports].
    record Trail(List<Integer> nodes, List<LiveTransport> over) {
        int hops() {
            return over.size();
        }
    }

    /// Every simple way within the bounds, over every combination of parallel transports, by trying everything.
    List<Trail> trails(int from, int to, int minHops, int maxHops, Set<Integer> avoid) {
        List<Trail> found = new ArrayList<>();
        if (from != to && !avoid.contains(from) && !avoid.contains(to)) {
            extend(new Trail(List.of(from), List.of()), to, minHops, maxHops, avoid, found);
        }
        return found;
    }

    private void extend(Trail trail, int to, int minHops, int maxHops, Set<Integer> avoid, List<Trail> found) {
        int last = trail.nodes().getLast();
        if (last == to) {
            if (trail.hops() >= minHops) {
                found.add(trail);
            }
            return;
        }
        if (trail.hops() == maxHops) {
            return;
        }
        for (LiveTransport transport : transports) {
            int lower = KEYS.indexOf(transport.up().lower());
            int higher = KEYS.indexOf(transport.up().higher());
            int next = lower == last ? higher : lower;
            if ((lower == last || higher == last)
                    && !trail.nodes().contains(next)
                    && !avoid.contains(next)
                    && transport.relays().stream().noneMatch(relay -> avoid.contains(KEYS.indexOf(relay)))) {
                List<Integer> nodes = new ArrayList<>(trail.nodes());
                nodes.add(next);
                List<LiveTransport> over = new ArrayList<>(trail.over());
                over.add(transport);
                extend(new Trail(nodes, over), to, minHops, maxHops, avoid, found);
            }
        }
    }
}
