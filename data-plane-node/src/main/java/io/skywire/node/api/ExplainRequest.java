package io.skywire.node.api;

import io.skywire.shared.key.PublicKey;
import java.util.List;

/// Asks why the route from this node to `peer` is what it is.
///
/// @param maxHops 0 for the control plane's own limit
public record ExplainRequest(PublicKey peer, Metric metric, int minHops, int maxHops, List<PublicKey> avoid) {
    static final int MOST_AVOIDED = 64;

    public ExplainRequest {
        avoid = List.copyOf(avoid);
    }

    /// What makes a route better than another.
    public enum Metric {
        COST,
        HOPS
    }
}
