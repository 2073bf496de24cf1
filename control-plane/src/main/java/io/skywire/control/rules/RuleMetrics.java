package io.skywire.control.rules;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.shared.rule.RuleDelta;
import java.util.Locale;
import org.springframework.stereotype.Component;

/// Counts what goes out and what comes back, by kind and reason; never by node or route.
@Component
final class RuleMetrics {
    private final MeterRegistry registry;

    RuleMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void pushed(RuleDelta.Kind kind) {
        registry.counter("skywire.rules.deltas", "kind", lower(kind)).increment();
    }

    void acknowledged() {
        registry.counter("skywire.rules.acks").increment();
    }

    /// A node's table was not the one that its revision stands for.
    void tableDiffered() {
        registry.counter("skywire.rules.tables.differed").increment();
    }

    void refused(RuleRefused.Reason reason) {
        registry.counter("skywire.rules.refusals", "reason", lower(reason)).increment();
    }

    void deltaRefused(DeltaRefused.Reason reason) {
        registry.counter("skywire.rules.nacks", "reason", lower(reason)).increment();
    }

    private static String lower(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT);
    }
}
