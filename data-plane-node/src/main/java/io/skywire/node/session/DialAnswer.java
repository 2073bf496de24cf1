package io.skywire.node.session;

import java.time.Duration;
import java.util.OptionalInt;

/// How a dial ended.
public sealed interface DialAnswer {
    /// The peer has proven its key and accepted the session.
    ///
    /// @param route the route and what its setup cost
    /// @param sessionSetup from the route's being there to the peer's accept
    record Connected(SessionView session, RouteSetup route, Duration sessionSetup) implements DialAnswer {}

    /// No session. `hop` is the place on the route that said no, 0 for this node, where one did; `detail` is for
    /// people.
    record Failed(Reason reason, OptionalInt hop, String detail) implements DialAnswer {
        static Failed of(Reason reason, String detail) {
            return new Failed(reason, OptionalInt.empty(), detail);
        }
    }

    /// Why there is no session: the reasons of [RouteRequests.Reason], then what can go wrong once there is a route.
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
        CONTROL_PLANE_AWAY,
        DEADLINE,
        /// The peer did not accept, or could not prove its key.
        SESSION_REFUSED,
        /// The route is there, the peer's session is silent.
        SESSION_TIMEOUT,
        /// The route went away before the session was up.
        ROUTE_LOST;

        static Reason of(RouteRequests.Reason reason) {
            return switch (reason) {
                case NO_SUCH_NODE -> NO_SUCH_NODE;
                case NO_ROUTE -> NO_ROUTE;
                case INVALID_PATH -> INVALID_PATH;
                case REFUSED -> REFUSED;
                case SILENT -> SILENT;
                case PROBE_UNANSWERED -> PROBE_UNANSWERED;
                case MALFORMED -> MALFORMED;
                case UNAVAILABLE -> UNAVAILABLE;
                case OVERLOADED -> OVERLOADED;
                case CONTROL_PLANE_AWAY -> CONTROL_PLANE_AWAY;
                case DEADLINE -> DEADLINE;
            };
        }
    }
}
