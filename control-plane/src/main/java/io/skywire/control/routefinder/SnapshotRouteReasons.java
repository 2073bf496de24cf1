package io.skywire.control.routefinder;

import io.skywire.control.blame.BlameBook;
import io.skywire.control.blame.BlameSnapshot;
import io.skywire.control.discovery.DownTransports;
import io.skywire.control.routefinder.RouteExplanation.Picture;
import io.skywire.control.routefinder.RouteExplanation.Registry;
import io.skywire.control.routefinder.RouteExplanation.Verdict;
import io.skywire.control.topology.Topology;
import io.skywire.control.topology.TopologySource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalInt;

/// Reasons over the current snapshot. Each call takes one snapshot and the scores of one moment.
final class SnapshotRouteReasons implements RouteReasons {
    private final TopologySource source;
    private final BlameBook blame;
    private final DownTransports downs;
    private final InstantSource clock;
    private final RouteFinderSettings settings;

    SnapshotRouteReasons(
            TopologySource source,
            BlameBook blame,
            DownTransports downs,
            InstantSource clock,
            RouteFinderSettings settings) {
        this.source = source;
        this.blame = blame;
        this.downs = downs;
        this.clock = clock;
        this.settings = settings;
    }

    @Override
    public RouteExplanation explain(RouteQuery query) {
        if (query.choice() != RouteQuery.Choice.BEST) {
            throw new IllegalArgumentException("only the best route can be explained, not a set of disjoint ones");
        }
        Topology topology = source.current();
        BlameSnapshot scores = blame.current();
        Instant now = clock.instant();
        Duration age = Duration.between(topology.createdAt(), now);
        Picture picture = new Picture(
                topology.version(),
                topology.createdAt(),
                age.isNegative() ? Duration.ZERO : age,
                topology.nodeCount(),
                topology.transportCount(),
                scores.asOf());
        OptionalInt from = topology.find(query.from());
        OptionalInt to = topology.find(query.to());
        if (from.isEmpty() || to.isEmpty()) {
            return new RouteExplanation(
                    query,
                    picture,
                    new Verdict.NoSuchNode(from.isEmpty() ? query.from() : query.to()),
                    List.of(),
                    0,
                    RouteAnswer.Extent.WHOLE,
                    Registry.READ);
        }
        return new Reasoning(
                        topology,
                        Surcharges.of(topology, scores),
                        new Hearsay(downs),
                        settings,
                        now,
                        query,
                        from.getAsInt(),
                        to.getAsInt())
                .explain(picture);
    }
}
