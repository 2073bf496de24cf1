package io.skywire.benchmarks;

import io.skywire.control.discovery.TransportUp;
import io.skywire.control.topology.LinkQuality;
import io.skywire.control.topology.LiveTransport;
import io.skywire.control.topology.Topology;
import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractCollection;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// A network as they grow: who comes later links to whom is already well linked (Barabási and Albert), so that a few
/// nodes become hubs with thousands of transports. The same seed gives the same network.
///
/// Round trips are log-normal around 40 ms; some links lose packets, most carry load, one in twenty is unmeasured. A
/// pair that is drawn again gets a parallel transport of another type. Transports are made when they are read.
final class ScaleFreeNetwork {
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final List<TransportType> TYPES =
            List.of(TransportType.TCP, new TransportType("stcpr"), new TransportType("sudph"));

    private final long seed;
    private final PublicKey[] keys;
    private final int[] from;
    private final int[] to;
    private final byte[] types;

    private ScaleFreeNetwork(long seed, PublicKey[] keys, int[] from, int[] to, byte[] types) {
        this.seed = seed;
        this.keys = keys;
        this.from = from;
        this.to = to;
        this.types = types;
    }

    static ScaleFreeNetwork grow(int nodes, int transports, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] from = new int[transports];
        int[] to = new int[transports];
        byte[] types = new byte[transports];
        Set<Long> taken = HashSet.newHashSet(transports);
        for (int i = 0; i < transports; ) {
            // The first transports make sure that everybody is linked; the rest come evenly over the network's life.
            int newcomer = i < nodes - 1 ? i + 1 : 1 + random.nextInt(nodes - 1);
            int end = i == 0 ? 0 : 2 * Math.min(i, Math.max(1, (int) ((long) transports * newcomer / nodes)));
            int pick = end == 0 ? 0 : random.nextInt(end);
            int other = end == 0 ? 0 : (pick & 1) == 0 ? from[pick >> 1] : to[pick >> 1];
            if (other == newcomer) {
                other = random.nextInt(nodes);
            }
            byte type = 0;
            while (type < TYPES.size() && other != newcomer && !taken.add(pair(newcomer, other, type))) {
                type++;
            }
            if (other != newcomer && type < TYPES.size()) {
                from[i] = newcomer;
                to[i] = other;
                types[i++] = type;
            }
        }
        PublicKey[] keys = IntStream.range(0, nodes)
                .parallel()
                .mapToObj(i -> key(new SplittableRandom(seed * 31 + i)))
                .toArray(PublicKey[]::new);
        return new ScaleFreeNetwork(seed, keys, from, to, types);
    }

    private static long pair(int one, int other, byte type) {
        return ((long) Math.min(one, other) << 34) | ((long) Math.max(one, other) << 2) | type;
    }

    /// Any point of the curve is somebody's key; every other number is one.
    private static PublicKey key(SplittableRandom random) {
        byte[] bytes = new byte[PublicKey.LENGTH];
        while (true) {
            random.nextBytes(bytes);
            bytes[0] = (byte) (2 + (bytes[0] & 1));
            try {
                return PublicKey.of(bytes);
            } catch (InvalidKeyException notOnTheCurve) {
                continue;
            }
        }
    }

    int nodes() {
        return keys.length;
    }

    int transports() {
        return from.length;
    }

    PublicKey key(int node) {
        return keys[node];
    }

    int from(int transport) {
        return from[transport];
    }

    int to(int transport) {
        return to[transport];
    }

    TransportId id(int transport) {
        return TransportId.between(keys[from[transport]], keys[to[transport]], TYPES.get(types[transport]));
    }

    LiveTransport transport(int i) {
        return transport(i, quality(new SplittableRandom(seed * 1_000_003 + i)));
    }

    LiveTransport transport(int i, LinkQuality quality) {
        PublicKey one = keys[from[i]];
        PublicKey other = keys[to[i]];
        boolean isOrdered = one.compareTo(other) <= 0;
        TransportUp up = new TransportUp(
                id(i),
                isOrdered ? one : other,
                isOrdered ? other : one,
                TYPES.get(types[i]),
                16_384,
                quality.roundTrip(),
                1);
        return new LiveTransport(up, quality, List.of());
    }

    static LinkQuality quality(SplittableRandom random) {
        double millis = Math.min(800, Math.max(1, 40 * Math.exp(0.8 * random.nextGaussian())));
        return new LinkQuality(
                random.nextInt(20) == 0 ? Optional.empty() : Optional.of(Duration.ofNanos((long) (millis * 1e6))),
                random.nextInt(4) == 0 ? random.nextDouble(0.03) : 0,
                random.nextDouble(0.8),
                NOW.minusSeconds(random.nextInt(600)));
    }

    Topology topology() {
        return Topology.ofLive(1, NOW, Arrays.asList(keys), live());
    }

    private Collection<LiveTransport> live() {
        return new AbstractCollection<>() {
            @Override
            public Iterator<LiveTransport> iterator() {
                return IntStream.range(0, transports())
                        .mapToObj(ScaleFreeNetwork.this::transport)
                        .iterator();
            }

            @Override
            public int size() {
                return transports();
            }
        };
    }
}
