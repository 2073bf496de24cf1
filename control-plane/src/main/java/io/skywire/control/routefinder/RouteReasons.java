package io.skywire.control.routefinder;

import io.skywire.control.blame.BlameBook;
import io.skywire.control.discovery.DownTransports;
import io.skywire.control.topology.TopologySource;
import java.time.InstantSource;

/// Says why the route finder answers as it does, for people. Safe for any thread. The search runs in memory; for what
/// is down the database is asked, for two seconds at most and twice at most.
public interface RouteReasons {
    /// Explains what the finder would answer to this query now. The count of the query means nothing here, and its
    /// choice must be [RouteQuery.Choice#BEST].
    RouteExplanation explain(RouteQuery query);

    /// Reasons over any source of snapshots.
    ///
    /// @param maxWork as of the finder
    /// @param spread as of the finder
    static RouteReasons over(
            TopologySource source,
            BlameBook blame,
            DownTransports downs,
            InstantSource clock,
            long maxWork,
            double spread) {
        return new SnapshotRouteReasons(source, blame, downs, clock, new RouteFinderSettings(maxWork, spread));
    }
}
