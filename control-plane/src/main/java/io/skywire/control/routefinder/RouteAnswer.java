package io.skywire.control.routefinder;

import io.skywire.shared.key.PublicKey;
import java.util.List;

/// What the finder says; every answer names the snapshot it rests on.
public sealed interface RouteAnswer {
    long topologyVersion();

    /// Whether a search could look at all it wanted to.
    enum Extent {
        WHOLE,
        /// The work bound ended it: there may be more, or cheaper routes.
        CUT
    }

    /// At least one route.
    record Found(List<Route> routes, Extent extent, long topologyVersion) implements RouteAnswer {
        public Found {
            routes = List.copyOf(routes);
        }
    }

    /// The topology has never held this node.
    record NoSuchNode(PublicKey node, long topologyVersion) implements RouteAnswer {}

    /// Both ends are known, but nothing joins them within the query. `detail` says what is in the way.
    record NoRoute(String detail, Extent extent, long topologyVersion) implements RouteAnswer {}

    /// A named path that does not hold: `hop` is the place of the first hop that fails, 0 for the first.
    record InvalidPath(int hop, String detail, long topologyVersion) implements RouteAnswer {}
}
