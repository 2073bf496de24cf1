package io.skywire.control.routefinder;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.util.Set;

/// What somebody wants of a route. Hops are transports; `maxHops` is at most [#MAX_HOPS].
public record RouteQuery(
        PublicKey from,
        PublicKey to,
        int minHops,
        int maxHops,
        int count,
        Set<PublicKey> avoidNodes,
        Set<TransportId> avoidTransports) {
    public static final int MAX_HOPS = 16;
    public static final int MAX_COUNT = 16;

    public RouteQuery {
        avoidNodes = Set.copyOf(avoidNodes);
        avoidTransports = Set.copyOf(avoidTransports);
        if (minHops < 0 || maxHops < 1 || maxHops > MAX_HOPS || minHops > maxHops) {
            throw new IllegalArgumentException("hops must satisfy 0 <= min <= max <= " + MAX_HOPS
                    + " with max >= 1, not " + minHops + ".." + maxHops);
        }
        if (count < 1 || count > MAX_COUNT) {
            throw new IllegalArgumentException("1 to " + MAX_COUNT + " routes can be asked for, not " + count);
        }
    }
}
