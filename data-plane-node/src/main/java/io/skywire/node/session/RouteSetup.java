package io.skywire.node.session;

import io.skywire.shared.rule.RouteUid;
import java.time.Duration;
import java.util.List;

/// What it took to get a session's route.
///
/// @param hops transports on the route
/// @param attempts plans that were tried until one worked
/// @param phases where the control plane spent the time
/// @param took from asking to the answer, as this node measured it
public record RouteSetup(RouteUid route, int hops, int attempts, List<RouteRequests.Phase> phases, Duration took) {
    public RouteSetup {
        phases = List.copyOf(phases);
    }
}
