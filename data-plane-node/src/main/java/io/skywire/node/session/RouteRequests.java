package io.skywire.node.session;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/// Asks the control plane for routes. Safe for any thread; never blocks.
public interface RouteRequests {
    /// Asks for one route. Always completes, with an answer and never exceptionally, within the request's deadline.
    CompletionStage<Answer> request(Request request);

    /// The session no longer needs the route: its rules go from every node.
    void close(RouteUid route, String reason);

    record Request(SessionUid session, PublicKey destination, Path path, Duration deadline) {}

    /// Which routes will do.
    sealed interface Path {
        /// Any route with `minHops` to `maxHops` transports (`maxHops` 0: the control plane's limit) around what is
        /// avoided.
        ///
        /// @param disjointFrom a route of this node: no node between the ends is shared with it, or, where there is no
        /// such way, no transport; what the two lead over, only the control plane knows
        record Any(
                int minHops,
                int maxHops,
                Set<PublicKey> avoidNodes,
                Set<TransportId> avoidTransports,
                Optional<RouteUid> disjointFrom)
                implements Path {
            public static final Any ROUTE = between(0, 0);

            public static Any between(int minHops, int maxHops) {
                return new Any(minHops, maxHops, Set.of(), Set.of(), Optional.empty());
            }

            public static Any around(Set<TransportId> transports) {
                return new Any(0, 0, Set.of(), transports, Optional.empty());
            }

            /// As this one, and disjoint from a route of this node.
            public Any besides(RouteUid route) {
                return new Any(minHops, maxHops, avoidNodes, avoidTransports, Optional.of(route));
            }
        }

        /// Through exactly these nodes, in order.
        record Explicit(List<PublicKey> intermediaries) implements Path {}
    }

    sealed interface Answer {
        /// Rules are on every hop and a probe came back: data passes in both directions.
        record Established(RouteUid route, int hops, int attempts, List<Phase> phases) implements Answer {}

        /// `hop` is the place on the route, 0 for this node.
        record Failed(Reason reason, OptionalInt hop, String detail, List<Phase> phases) implements Answer {}
    }

    /// Where the time of a setup went.
    record Phase(String name, Duration took) {}

    enum Reason {
        NO_SUCH_NODE,
        NO_ROUTE,
        INVALID_PATH,
        REFUSED,
        SILENT,
        PROBE_UNANSWERED,
        MALFORMED,
        UNAVAILABLE,
        OVERLOADED,
        /// This node has no session with a control plane.
        CONTROL_PLANE_AWAY,
        /// No answer within the deadline.
        DEADLINE
    }
}
