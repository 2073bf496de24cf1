package io.skywire.control.routefinder;

import io.skywire.control.topology.LinkCost;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Why a route is what it is, or why there is none. Costs are in microseconds, as `LinkCost` and [BlameCost] count.
///
/// @param excluded what could not be used and lies next to the ends or was named in the query, at most [#MOST_EXCLUDED]
/// @param moreExcluded how many more there are
/// @param extent of the search for routes
/// @param registry whether transports that are down could be looked up
public record RouteExplanation(
        RouteQuery query,
        Picture picture,
        Verdict verdict,
        List<Exclusion> excluded,
        int moreExcluded,
        RouteAnswer.Extent extent,
        Registry registry) {
    /// Routes that lost, at most.
    public static final int MOST_OTHERS = 4;

    public static final int MOST_EXCLUDED = 32;

    /// Members of a side, and missing links of a cut, at most.
    public static final int MOST_MEMBERS = 20;

    public RouteExplanation {
        excluded = List.copyOf(excluded);
    }

    /// As `/api/v1/routes/explain` tells it.
    public String json() {
        return ExplanationJson.of(this).text();
    }

    /// Whether the database could be asked.
    public enum Registry {
        READ,
        AWAY
    }

    /// What the answer rests on.
    ///
    /// @param blameAsOf when the scores of blame were as they are counted here
    public record Picture(
            long version, Instant createdAt, Duration age, int nodes, int transports, Instant blameAsOf) {}

    /// What the finder says, and why.
    public sealed interface Verdict {
        /// There is a route. `others` are the best that lost, best first.
        record Chosen(Candidate route, List<Candidate> others) implements Verdict {
            public Chosen {
                others = List.copyOf(others);
            }
        }

        /// The topology has never held this node.
        record NoSuchNode(PublicKey node) implements Verdict {}

        /// Both ends are known, and nothing joins them within the query.
        record NoRoute(String detail, Cut cut) implements Verdict {}
    }

    /// A route and what it costs.
    ///
    /// @param extraCost how much more than the chosen one; below zero where hops were to be few
    /// @param standing how it stands to the chosen one
    public record Candidate(Route route, List<HopCost> costs, int extraCost, int extraHops, Standing standing) {
        public Candidate {
            costs = List.copyOf(costs);
        }

        public int cost() {
            return costs.stream().mapToInt(HopCost::sum).sum();
        }

        int blame() {
            return costs.stream().mapToInt(HopCost::blame).sum();
        }
    }

    /// How a candidate stands to the chosen one.
    public enum Standing {
        CHOSEN,
        /// So nearly as good that both are taken in turns, by lot.
        TAKES_TURNS,
        LOST
    }

    /// What one hop costs. The parts add up.
    ///
    /// @param price its parts as of now
    /// @param settling what hysteresis adds: prices move only when they leave their dead band; may be below zero
    /// @param blame of the transport, and half of that of each end which is no end of the route
    /// @param measured how old the measurement is; empty while there is none
    public record HopCost(LinkCost.Parts price, int settling, int blame, Optional<Duration> measured) {
        public int sum() {
            return price.sum() + settling + blame;
        }
    }

    /// Something that could not be used.
    ///
    /// @param nodes the node, the two ends of the transport, or the nodes of the route
    public record Exclusion(Reason reason, List<PublicKey> nodes, Optional<TransportId> transport, String detail) {
        public Exclusion {
            nodes = List.copyOf(nodes);
        }
    }

    /// Why something could not be used.
    public enum Reason {
        /// The query avoids this node.
        AVOIDED_NODE,
        /// The query avoids this transport.
        AVOIDED_TRANSPORT,
        /// The transport depends on a node that the query avoids.
        AVOIDED_RELAY,
        /// The query asks for a route that shares nothing with these nodes.
        DISJOINT,
        /// The transport is known and down.
        DOWN,
        /// A route would be the best one, but has fewer hops than asked for.
        TOO_FEW_HOPS,
        /// A route would be the best one, but has more hops than asked for.
        TOO_MANY_HOPS
    }

    /// What separates two nodes.
    ///
    /// @param leastHops if they are joined after all: how many hops that takes, within what the query avoids
    /// @param missing links and nodes between the sides whose return would join them, at most [#MOST_MEMBERS]
    /// @param moreMissing how many more there are
    public record Cut(Side source, Side target, Optional<Integer> leastHops, List<Exclusion> missing, int moreMissing) {
        public Cut {
            missing = List.copyOf(missing);
        }
    }

    /// What can be reached from one end.
    ///
    /// @param nodes how many, the end included; at least so many if the work bound cut the count
    /// @param members the nearest of them, at most [#MOST_MEMBERS]
    public record Side(int nodes, List<PublicKey> members, RouteAnswer.Extent extent) {
        public Side {
            members = List.copyOf(members);
        }
    }
}
