package io.skywire.control.rules;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.skywire.shared.rule.RuleDelta;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/// Counts what goes out and what comes back, by kind and reason, and times the part of a setup that lies here: from the
/// commit to the turn of a delta (`push`), its signature (`sign`), from there to its acknowledgement (`ack`). Never by
/// node or route.
@Component
final class RuleMetrics {
    private final MeterRegistry registry;
    private final Timer push;
    private final Timer sign;
    private final Timer ack;
    private final Counter acks;

    RuleMetrics(MeterRegistry registry) {
        this.registry = registry;
        push = phase("push");
        sign = phase("sign");
        ack = phase("ack");
        acks = registry.counter("skywire.rules.acks");
    }

    private Timer phase(String phase) {
        return registry.timer("skywire.setup.phase", "phase", phase);
    }

    void pushed(RuleDelta.Kind kind) {
        registry.counter("skywire.rules.deltas", "kind", lower(kind)).increment();
    }

    void acknowledged() {
        acks.increment();
    }

    /// Only what adds rules belongs to a setup.
    void timed(RuleDelta delta, long pushNanos, long signNanos) {
        if (isOfASetup(delta)) {
            push.record(pushNanos, TimeUnit.NANOSECONDS);
            sign.record(signNanos, TimeUnit.NANOSECONDS);
        }
    }

    void answered(RuleDelta delta, long nanos) {
        if (isOfASetup(delta)) {
            ack.record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    private static boolean isOfASetup(RuleDelta delta) {
        return !delta.upserts().isEmpty();
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
