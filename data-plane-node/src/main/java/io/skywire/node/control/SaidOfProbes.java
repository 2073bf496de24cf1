package io.skywire.node.control;

import io.skywire.proto.v1.ProbeReport;
import io.skywire.shared.rule.RouteUid;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What this node said lately of its probes. A session may end while such a word is on its way, or there may be none
/// when the answer comes; a setup waits for it, so the next session says it again. Saying it twice does no harm.
/// Bounded. For one thread.
final class SaidOfProbes {
    /// A setup waits no longer for its probe.
    private static final Duration KEPT = Duration.ofSeconds(5);

    private static final int MOST = 64;

    private final InstantSource clock;
    private final Map<RouteUid, Said> newestLast = new LinkedHashMap<>();

    private record Said(ProbeReport report, Instant at) {}

    SaidOfProbes(InstantSource clock) {
        this.clock = clock;
    }

    void add(RouteUid route, ProbeReport report) {
        newestLast.remove(route);
        if (newestLast.size() == MOST) {
            newestLast.remove(newestLast.keySet().iterator().next());
        }
        newestLast.put(route, new Said(report, clock.instant()));
    }

    List<ProbeReport> lately() {
        Instant oldest = clock.instant().minus(KEPT);
        newestLast.values().removeIf(said -> said.at().isBefore(oldest));
        return newestLast.values().stream().map(Said::report).toList();
    }
}
