package io.skywire.control.routefinder;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.blame.BlameBook;
import io.skywire.control.blame.BlameSnapshot;
import io.skywire.control.topology.TopologySource;
import io.skywire.shared.key.PublicKey;
import java.util.List;
import java.util.random.RandomGenerator;

/// Answers from the current topology snapshot. Safe for any thread; never touches the database.
public interface RouteFinder {
    /// Up to `query.count()` simple routes, best first by the query's metric. Near-equal ones take turns at random, so
    /// that load spreads and paths cannot be foretold.
    RouteAnswer find(RouteQuery query);

    /// Checks a path that somebody names: every hop is up, no node comes twice. `via` are the nodes between the ends.
    RouteAnswer check(PublicKey from, List<PublicKey> via, PublicKey to);

    /// A finder over any source of snapshots, as it is wired in the control plane, for which nobody is blamed.
    ///
    /// @param seeds safe for many threads, unless calls come from one thread only
    /// @param maxWork how many lanes one search looks at, at most
    /// @param spread by which part of itself a price may be raised at random, 0 to 1
    static RouteFinder over(
            TopologySource source, RandomGenerator seeds, long maxWork, double spread, MeterRegistry meters) {
        return over(source, () -> BlameSnapshot.CLEAN, seeds, maxWork, spread, meters);
    }

    /// As the other, with blame, which is read once for each search.
    static RouteFinder over(
            TopologySource source,
            BlameBook blame,
            RandomGenerator seeds,
            long maxWork,
            double spread,
            MeterRegistry meters) {
        return new SnapshotRouteFinder(source, blame, seeds, new RouteFinderSettings(maxWork, spread), meters);
    }
}
