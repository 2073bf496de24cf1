package io.skywire.control.blame;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Locale;

/// Counts evidence by reason and shows how many are blamed; never by node, route or accuser.
final class BlameMetrics {
    private final MeterRegistry meters;
    private final Counter dropped;

    BlameMetrics(MeterRegistry meters, BlameBook book) {
        this.meters = meters;
        for (FaultKind kind : FaultKind.values()) {
            counter(kind);
        }
        dropped = Counter.builder("skywire.blame.evidence.dropped")
                .description("Evidence that was not entered: too much at once, or no database")
                .register(meters);
        Gauge.builder("skywire.blame.subjects", book, of -> of.current().nodes().size())
                .tag("kind", "node")
                .description("How many are blamed now")
                .register(meters);
        Gauge.builder(
                        "skywire.blame.subjects",
                        book,
                        of -> of.current().transports().size())
                .tag("kind", "transport")
                .description("How many are blamed now")
                .register(meters);
    }

    void entered(List<Evidence> evidence) {
        evidence.forEach(one -> counter(one.kind()).increment());
    }

    void dropped(int count) {
        dropped.increment(count);
    }

    private Counter counter(FaultKind kind) {
        return meters.counter("skywire.blame.evidence", "reason", kind.name().toLowerCase(Locale.ROOT));
    }
}
