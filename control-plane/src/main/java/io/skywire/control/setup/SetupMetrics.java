package io.skywire.control.setup;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;
import org.springframework.stereotype.Component;

/// Counts outcomes by reason and times phases; never by node, route or request.
@Component
final class SetupMetrics {
    private final MeterRegistry registry;

    SetupMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /// From the request's arrival to the search: admission, and whether it is known already.
    void validated(Duration time) {
        registry.timer("skywire.setup.phase", "phase", "validate").record(time);
    }

    void finished(SetupOutcome outcome) {
        switch (outcome) {
            case SetupOutcome.Established established -> count("established", "none");
            case SetupOutcome.Failed failed ->
                count("failed", failed.reason().name().toLowerCase(Locale.ROOT));
        }
        SetupTimes times = outcome.times();
        registry.timer("skywire.setup.phase", "phase", "find").record(times.find());
        registry.timer("skywire.setup.phase", "phase", "write").record(times.write());
        registry.timer("skywire.setup.phase", "phase", "install").record(times.install());
        registry.timer("skywire.setup.phase", "phase", "probe").record(times.probe());
    }

    void closed() {
        registry.counter("skywire.setup.routes.closed").increment();
    }

    /// Setups of dead replicas that this one took back or over.
    void recovered(int setups) {
        registry.counter("skywire.setup.recovered").increment(setups);
    }

    /// @param outcome `kept`, `wrong` (the signature is not the node's), or `lost` (too many at once, or no database)
    void receipt(String outcome) {
        registry.counter("skywire.setup.receipts", "outcome", outcome).increment();
    }

    private void count(String outcome, String reason) {
        registry.counter("skywire.setup.outcomes", "outcome", outcome, "reason", reason)
                .increment();
    }
}
