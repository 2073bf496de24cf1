package io.skywire.control.routefinder;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.util.Optional;
import java.util.Set;

/// What somebody wants of a route. Hops are transports; `maxHops` is at most [#MAX_HOPS].
///
/// @param avoidNodes neither passed nor used as relays
/// @param disjointFrom a route with which the answer shall share no node between the ends, no relay and no transport
public record RouteQuery(
        PublicKey from,
        PublicKey to,
        int minHops,
        int maxHops,
        int count,
        Metric metric,
        Choice choice,
        Set<PublicKey> avoidNodes,
        Set<TransportId> avoidTransports,
        Optional<Route> disjointFrom) {
    public static final int MAX_HOPS = 16;
    public static final int MAX_COUNT = 16;

    /// What makes a route better than another.
    public enum Metric {
        /// Fewer hops.
        HOPS,
        /// A lower sum of the transports' prices, as the topology's `LinkCost` says.
        COST
    }

    /// How several routes relate to each other.
    public enum Choice {
        /// The best ones, one after the other; they may share nodes.
        BEST,
        /// They share no node between the ends and no relay.
        DISJOINT
    }

    /// The routes with the fewest hops.
    public RouteQuery(
            PublicKey from,
            PublicKey to,
            int minHops,
            int maxHops,
            int count,
            Set<PublicKey> avoidNodes,
            Set<TransportId> avoidTransports) {
        this(
                from,
                to,
                minHops,
                maxHops,
                count,
                Metric.HOPS,
                Choice.BEST,
                avoidNodes,
                avoidTransports,
                Optional.empty());
    }

    public RouteQuery by(Metric other) {
        return new RouteQuery(
                from, to, minHops, maxHops, count, other, choice, avoidNodes, avoidTransports, disjointFrom);
    }

    public RouteQuery choosing(Choice other) {
        return new RouteQuery(
                from, to, minHops, maxHops, count, metric, other, avoidNodes, avoidTransports, disjointFrom);
    }

    public RouteQuery disjointFrom(Route route) {
        return new RouteQuery(
                from, to, minHops, maxHops, count, metric, choice, avoidNodes, avoidTransports, Optional.of(route));
    }

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
