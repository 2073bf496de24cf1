package io.skywire.control.setup;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.transport.TransportId;
import java.util.List;
import java.util.Set;

/// Where a route lies: its nodes from the initiator (place 0) to the destination, and the transports between them.
record Placement(RouteUid route, List<PublicKey> nodes, List<TransportId> transports) {
    Placement {
        nodes = List.copyOf(nodes);
        transports = List.copyOf(transports);
        if (nodes.size() != transports.size() + 1) {
            throw new IllegalArgumentException(
                    nodes.size() + " nodes are not joined by " + transports.size() + " transports");
        }
    }

    int hops() {
        return transports.size();
    }

    /// The place of a node, or -1 if it is not on the route.
    int placeOf(PublicKey node) {
        return nodes.indexOf(node);
    }

    boolean isEnd(PublicKey node) {
        return nodes.getFirst().equals(node) || nodes.getLast().equals(node);
    }

    Set<PublicKey> intermediaries() {
        return Set.copyOf(nodes.subList(1, nodes.size() - 1));
    }
}
