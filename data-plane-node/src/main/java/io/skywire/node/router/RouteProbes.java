package io.skywire.node.router;

import io.skywire.shared.rule.RouteUid;
import java.time.Duration;

/// Hears how the probes of routes that this node initiated went. Called on an event loop; must not block.
public interface RouteProbes {
    /// A probe went to the other end and back: data passes in both directions.
    void answered(RouteUid route, Duration roundTrip);

    /// No reply within the probing time.
    void unanswered(RouteUid route, String detail);
}
