package io.skywire.control.routefinder;

import io.skywire.control.discovery.DownTransport;
import io.skywire.control.routefinder.RouteExplanation.Cut;
import io.skywire.control.routefinder.RouteExplanation.Exclusion;
import io.skywire.control.routefinder.RouteExplanation.Reason;
import io.skywire.control.routefinder.RouteExplanation.Side;
import io.skywire.control.topology.Lanes;
import io.skywire.control.topology.Topology;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// What separates two nodes: what each can reach, and what lies between and cannot be used.
///
/// What would join the sides is looked for from the smaller one, as it has fewer nodes to ask for.
final class CutSearch {
    /// Nodes of the smaller side that are asked for what is missing there, the nearest first.
    private static final int MOST_ASKED = 1_000;

    /// Transports that are down, as the registry gives them at once.
    private static final int MOST_DOWN = 2_000;

    private final SearchSpace space;
    private final SearchSpace other;
    private final Topology topology;
    private final RouteQuery query;
    private final Hearsay hearsay;
    private final int start;
    private final int end;

    /// @param space what may be used, with the work for one side
    /// @param other the same, with the work for the other side
    CutSearch(SearchSpace space, SearchSpace other, RouteQuery query, Hearsay hearsay, int start, int end) {
        this.space = space;
        this.other = other;
        this.topology = space.topology();
        this.query = query;
        this.hearsay = hearsay;
        this.start = start;
        this.end = end;
    }

    Cut find() {
        Reach source = Reach.from(space, start);
        Reach target = Reach.from(other, end);
        if (source.holds(end) && !space.isAvoided(start) && !space.isAvoided(end)) {
            return new Cut(side(source), side(target), Optional.of(source.hopsTo(end)), List.of(), 0);
        }
        boolean isSourceSmaller = source.size() <= target.size();
        Set<Exclusion> missing = missing(isSourceSmaller ? source : target, isSourceSmaller ? target : source);
        return new Cut(
                side(source),
                side(target),
                Optional.empty(),
                missing.stream().limit(RouteExplanation.MOST_MEMBERS).toList(),
                Math.max(0, missing.size() - RouteExplanation.MOST_MEMBERS));
    }

    private Side side(Reach reach) {
        return new Side(
                reach.size(),
                Reasoning.keys(topology, reach.nearest(RouteExplanation.MOST_MEMBERS)),
                reach.isWhole() ? RouteAnswer.Extent.WHOLE : RouteAnswer.Extent.CUT);
    }

    private Set<Exclusion> missing(Reach smaller, Reach larger) {
        Set<Exclusion> missing = new LinkedHashSet<>();
        int[] asked = smaller.nearest(MOST_ASKED);
        for (int node : asked) {
            int[] lanes = topology.lanes(node);
            int count = Lanes.count(lanes);
            for (int i = 0; i < count; i++) {
                if (!space.spend(1)) {
                    break;
                }
                int to = Lanes.to(lanes, i);
                if (larger.holds(to)) {
                    missing.add(barred(node, to, Lanes.transport(lanes, count, i)));
                } else if (space.isAvoided(to) && leadsTo(to, smaller) && leadsTo(to, larger)) {
                    missing.add(new Exclusion(
                            Reason.AVOIDED_NODE,
                            List.of(topology.node(to)),
                            Optional.empty(),
                            "it would join both sides"));
                }
            }
        }
        for (DownTransport down : hearsay.at(Reasoning.keys(topology, asked), MOST_DOWN)) {
            OptionalInt lower = topology.find(down.lower());
            OptionalInt higher = topology.find(down.higher());
            if (lower.isPresent()
                    && higher.isPresent()
                    && joins(smaller, larger, lower.getAsInt(), higher.getAsInt())
                    && !query.avoidTransports().contains(down.id())) {
                missing.add(Hearsay.exclusion(down));
            }
        }
        return missing;
    }

    private static boolean joins(Reach one, Reach other, int lower, int higher) {
        return (one.holds(lower) && other.holds(higher)) || (one.holds(higher) && other.holds(lower));
    }

    /// Why a transport that is up does not join the sides.
    private Exclusion barred(int node, int to, int transport) {
        if (space.isOverClosedRelay(transport)) {
            return Reasoning.overRelay(topology, transport);
        }
        if (space.isAvoided(node) || space.isAvoided(to)) {
            return new Exclusion(
                    Reason.AVOIDED_NODE,
                    List.of(topology.node(space.isAvoided(node) ? node : to)),
                    Optional.empty(),
                    "it is an end of the route");
        }
        return new Exclusion(
                query.avoidTransports().contains(topology.transport(transport))
                        ? Reason.AVOIDED_TRANSPORT
                        : Reason.DISJOINT,
                List.of(topology.node(node), topology.node(to)),
                Optional.of(topology.transport(transport)),
                "it would join both sides");
    }

    private boolean leadsTo(int avoided, Reach side) {
        int[] lanes = topology.lanes(avoided);
        int count = Lanes.count(lanes);
        if (!space.spend(count)) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (side.holds(Lanes.to(lanes, i)) && space.isUsable(avoided, lanes, count, i)) {
                return true;
            }
        }
        return false;
    }
}
