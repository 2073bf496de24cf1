package io.skywire.control.rules;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.skywire.control.platform.Tally;
import io.skywire.shared.rule.RuleDelta;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/// Counts what goes out and what comes back, by kind and reason, and times the part of a setup that lies here: from the
/// commit to the turn of a delta (`push`), its signature (`sign`), from there to its acknowledgement (`ack`). Never by
/// node or route.
@Component
final class RuleMetrics {
    private final Timer push;
    private final Timer sign;
    private final Timer ack;
    private final Counter acks;
    private final Counter tablesDiffered;
    private final Tally<RuleDelta.Kind> deltas;
    private final Tally<RuleRefused.Reason> refusals;
    private final Tally<DeltaRefused.Reason> nacks;

    RuleMetrics(MeterRegistry registry) {
        push = phase(registry, "push");
        sign = phase(registry, "sign");
        ack = phase(registry, "ack");
        acks = Counter.builder("skywire.rules.acks")
                .description("Deltas that nodes acknowledged")
                .register(registry);
        tablesDiffered = Counter.builder("skywire.rules.tables.differed")
                .description("Nodes whose table was not the one that its revision stands for")
                .register(registry);
        deltas = new Tally<>(registry, "skywire.rules.deltas", "Deltas that were sent", "kind", RuleDelta.Kind.class);
        refusals = new Tally<>(
                registry,
                "skywire.rules.refusals",
                "Rules in deltas that nodes did not take",
                "reason",
                RuleRefused.Reason.class);
        nacks = new Tally<>(
                registry, "skywire.rules.nacks", "Deltas that nodes refused", "reason", DeltaRefused.Reason.class);
    }

    private static Timer phase(MeterRegistry registry, String phase) {
        return Timer.builder("skywire.setup.phase")
                .description("Time of one phase of a setup")
                .tag("phase", phase)
                .register(registry);
    }

    void pushed(RuleDelta.Kind kind) {
        deltas.add(kind);
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
        tablesDiffered.increment();
    }

    void refused(RuleRefused.Reason reason) {
        refusals.add(reason);
    }

    void deltaRefused(DeltaRefused.Reason reason) {
        nacks.add(reason);
    }
}
