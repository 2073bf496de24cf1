package io.skywire.control.routefinder;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Ways between two nodes that share no fate: no node between the ends, and no messaging server, whether one passes it
/// as a node or depends on it as a relay.
///
/// Without relays [DisjointFlow] gives as many as there can be, at the least total cost. With relays the question is as
/// hard as questions get, so the flow is asked first without regard to them. Where two of its ways, or one way twice,
/// need the same server, the search branches: only this transport may use the server, or only that one, or none of
/// them. It ends when it has as many ways as the first flow, which is a bound, or after [#MOST_FLOWS].
final class DisjointPaths {
    static final int MOST_FLOWS = 64;

    private final SearchSpace space;
    private final int source;
    private final int target;
    private final int minHops;
    private final int maxHops;
    private final int count;
    private List<Way> best = List.of();
    private int flows;

    DisjointPaths(SearchSpace space, int source, int target, int minHops, int maxHops, int count) {
        this.space = space;
        this.source = source;
        this.target = target;
        this.minHops = minHops;
        this.maxHops = maxHops;
        this.count = count;
    }

    /// Cheapest first. Fewer than wanted if there are no more, or if the bound was met.
    List<Way> find() {
        branch(space);
        List<Way> ways = new ArrayList<>(best);
        if (ways.size() < count && !space.isCut()) {
            topUp(ways);
        }
        ways.sort(Comparator.comparingLong(space::costOf));
        return ways;
    }

    private void branch(SearchSpace narrowed) {
        if (flows == MOST_FLOWS) {
            space.giveUp();
            return;
        }
        flows++;
        List<Way> ways = new DisjointFlow(narrowed, source, target).find(count);
        if (ways.size() <= best.size()) {
            return;
        }
        List<Way> compatible = compatible(ways);
        if (compatible.size() > best.size()) {
            best = compatible;
        }
        Conflict conflict = conflict(ways);
        if (conflict == null) {
            return; // if some are too long or too short, no branch cures it
        }
        List<SearchSpace> branches = new ArrayList<>();
        SearchSpace none = narrowed.branch();
        none.closeRelay(conflict.relay);
        branches.add(none);
        for (int transport : conflict.transports) {
            SearchSpace only = narrowed.branch();
            only.closeRelayExcept(conflict.relay, transport);
            branches.add(only);
        }
        SearchSpace others = narrowed.branch();
        conflict.transports.forEach(others::avoidTransport);
        branches.add(others);
        for (SearchSpace next : branches) {
            if (best.size() >= ways.size() || space.isCut()) {
                return;
            }
            branch(next);
        }
    }

    /// Those within the bounds on hops that share no fate with a cheaper one.
    private List<Way> compatible(List<Way> ways) {
        List<Way> sorted = new ArrayList<>(ways);
        sorted.sort(Comparator.comparingLong(space::costOf));
        List<Way> taken = new ArrayList<>();
        Set<Integer> shared = new HashSet<>();
        for (Way way : sorted) {
            List<Integer> fates = fates(way);
            Set<Integer> own = new HashSet<>(fates);
            if (way.hops() >= minHops
                    && way.hops() <= maxHops
                    && own.size() == fates.size()
                    && Collections.disjoint(own, shared)) {
                taken.add(way);
                shared.addAll(own);
            }
        }
        return taken;
    }

    /// The nodes between the ends, and the relays of each transport; the ends share no fate with anybody.
    private List<Integer> fates(Way way) {
        List<Integer> fates = new ArrayList<>();
        for (int i = 1; i < way.hops(); i++) {
            fates.add(way.nodes()[i]);
        }
        for (int transport : way.transports()) {
            relays(transport).forEach(fates::add);
        }
        return fates;
    }

    private IntStream relays(int transport) {
        return space.topology().relays(transport).stream()
                .mapToInt(Integer::intValue)
                .filter(relay -> relay != source && relay != target);
    }

    /// A server that is needed more than once, and the transports over it.
    private record Conflict(int relay, Set<Integer> transports) {}

    private @Nullable Conflict conflict(List<Way> ways) {
        Set<Integer> seen = new HashSet<>();
        for (Way way : ways) {
            for (int fate : fates(way)) {
                if (!seen.add(fate)) {
                    Set<Integer> over = new TreeSet<>();
                    for (Way one : ways) {
                        for (int transport : one.transports()) {
                            if (relays(transport).anyMatch(relay -> relay == fate)) {
                                over.add(transport);
                            }
                        }
                    }
                    return new Conflict(fate, over);
                }
            }
        }
        return null;
    }

    /// Adds what still fits beside the ways that are there.
    private void topUp(List<Way> ways) {
        SearchSpace rest = space.branch();
        ways.forEach(way -> close(rest, way));
        while (ways.size() < count) {
            List<int[]> paths = new CheapestPaths(rest, source, target, maxHops).find(minHops, 1);
            if (paths.isEmpty()) {
                return;
            }
            Way way = rest.cheapestWay(paths.getFirst());
            List<Integer> fates = fates(way);
            if (new HashSet<>(fates).size() < fates.size()) {
                return; // it needs one server twice
            }
            ways.add(way);
            close(rest, way);
        }
    }

    private void close(SearchSpace rest, Way way) {
        fates(way).forEach(rest::avoidNode);
        for (int transport : way.transports()) {
            rest.avoidTransport(transport);
        }
    }
}
