package io.skywire.local.simulation.virtual;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;

/// The fewest hops between two nodes; among equals, chance decides.
record PathSearch(VirtualNetwork network, Random random) {
    Optional<Path> find(
            PublicKey source, PublicKey destination, Predicate<TransportId> usable, Predicate<PublicKey> present) {
        Map<PublicKey, PublicKey> before = new HashMap<>();
        Map<PublicKey, TransportId> over = new HashMap<>();
        ArrayDeque<PublicKey> next = new ArrayDeque<>(List.of(source));
        if (!present.test(source) || !present.test(destination) || source.equals(destination)) {
            return Optional.empty();
        }
        while (!next.isEmpty() && !before.containsKey(destination)) {
            PublicKey at = next.removeFirst();
            VirtualNode node = network.node(at);
            List<Cable> cables = new ArrayList<>(network.cablesOf(node));
            Collections.shuffle(cables, random);
            for (Cable cable : cables) {
                PublicKey neighbour = (cable.one() == node ? cable.other() : cable.one()).key();
                if (usable.test(cable.id())
                        && present.test(neighbour)
                        && !neighbour.equals(source)
                        && before.putIfAbsent(neighbour, at) == null) {
                    over.put(neighbour, cable.id());
                    next.addLast(neighbour);
                }
            }
        }
        if (!before.containsKey(destination)) {
            return Optional.empty();
        }
        List<PublicKey> nodes = new ArrayList<>(List.of(destination));
        List<TransportId> transports = new ArrayList<>();
        for (PublicKey at = destination; !at.equals(source); at = before.get(at)) {
            nodes.addFirst(before.get(at));
            transports.addFirst(over.get(at));
        }
        return Optional.of(new Path(nodes, transports));
    }
}
