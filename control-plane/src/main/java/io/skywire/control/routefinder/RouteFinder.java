package io.skywire.control.routefinder;

import io.skywire.shared.key.PublicKey;
import java.util.List;

/// Answers from the current topology snapshot. Safe for any thread; never touches the database.
public interface RouteFinder {
    /// Up to `query.count()` simple routes, fewest hops first; equals in random order, so that load spreads.
    RouteAnswer find(RouteQuery query);

    /// Checks a path that somebody names: every hop is up, no node comes twice. `via` are the nodes between the ends.
    RouteAnswer check(PublicKey from, List<PublicKey> via, PublicKey to);
}
