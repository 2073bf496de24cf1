package io.skywire.node.control;

import io.skywire.shared.key.PublicKey;
import java.util.List;

/// Asks the control plane why the route from here to `to` is what it is.
///
/// @param maxHops 0 for the control plane's own limit
public record RouteWhy(PublicKey to, Metric metric, int minHops, int maxHops, List<PublicKey> avoid) {
    public RouteWhy {
        avoid = List.copyOf(avoid);
    }

    /// What makes a route better than another.
    public enum Metric {
        COST,
        HOPS
    }

    /// What became of the question.
    public sealed interface Answer {
        /// @param json the object of docs/protocol/explain.md
        record Told(String json) implements Answer {}

        /// The question itself is wrong.
        record Refused(String detail) implements Answer {}

        /// There is no session with a control plane that explains.
        record Away(String detail) implements Answer {}

        record Late(String detail) implements Answer {}
    }
}
