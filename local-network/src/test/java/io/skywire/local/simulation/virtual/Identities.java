package io.skywire.local.simulation.virtual;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/// Keys, and transport entries with both signatures; made once for many runs, because they cost more than a run does.
/// Immutable to the eye, safe for any thread.
final class Identities {
    private static final long SEED = 0x5ec0_de5L;

    private final List<KeyPair> nodes = new ArrayList<>();
    private final Map<PublicKey, Integer> numbers = new HashMap<>();
    private final Map<Pair, SignedTransport> transports = new ConcurrentHashMap<>();
    private final KeyPair setup;
    private final KeyPair stranger;

    private record Pair(int lower, int higher, TransportType type) {}

    Identities(int count) {
        Random random = new Random(SEED);
        setup = KeyPair.generate(random);
        stranger = KeyPair.generate(random);
        for (int i = 0; i < count; i++) {
            KeyPair keys = KeyPair.generate(random);
            nodes.add(keys);
            numbers.put(keys.publicKey(), i);
        }
    }

    KeyPair node(int number) {
        return nodes.get(number);
    }

    int numberOf(PublicKey node) {
        return numbers.get(node);
    }

    /// Whose rules nodes obey.
    KeyPair setup() {
        return setup;
    }

    /// Whose rules nobody obeys.
    KeyPair stranger() {
        return stranger;
    }

    SignedTransport transport(int one, int other, TransportType type) {
        return transports.computeIfAbsent(
                new Pair(Math.min(one, other), Math.max(one, other), type),
                pair -> SignedTransport.signedByBoth(
                        TransportEntry.between(
                                node(pair.lower).publicKey(), node(pair.higher).publicKey(), type),
                        node(pair.lower),
                        node(pair.higher)));
    }
}
