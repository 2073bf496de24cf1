package io.skywire.control.blame;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.platform.Tally;
import java.util.List;

/// Counts evidence by reason and shows how many are blamed; never by node, route or accuser.
final class BlameMetrics {
    private final Tally<FaultKind> entered;
    private final Counter dropped;

    BlameMetrics(MeterRegistry meters, BlameBook book) {
        entered = new Tally<>(
                meters, "skywire.blame.evidence", "Evidence against hops that was entered", "reason", FaultKind.class);
        dropped = Counter.builder("skywire.blame.evidence.dropped")
                .description("Evidence that was not entered: too much at once, or no database")
                .register(meters);
        Gauge.builder("skywire.blame.subjects", book, of -> of.current().nodes().size())
                .tag("kind", "node")
                .description("Nodes and transports that are blamed now")
                .register(meters);
        Gauge.builder(
                        "skywire.blame.subjects",
                        book,
                        of -> of.current().transports().size())
                .tag("kind", "transport")
                .description("Nodes and transports that are blamed now")
                .register(meters);
    }

    void entered(List<Evidence> evidence) {
        evidence.forEach(one -> this.entered.add(one.kind()));
    }

    void dropped(int count) {
        dropped.increment(count);
    }
}
