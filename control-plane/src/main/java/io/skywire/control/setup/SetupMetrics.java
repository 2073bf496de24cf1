package io.skywire.control.setup;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.skywire.control.platform.Tally;
import java.time.Duration;
import org.springframework.stereotype.Component;

/// Counts outcomes by reason and times phases; never by node, route or request. Every series is there from the start.
@Component
final class SetupMetrics {
    private final Counter established;
    private final Tally<FailureReason> failed;
    private final Timer establishedTime;
    private final Timer failedTime;
    private final Timer validate;
    private final Timer find;
    private final Timer write;
    private final Timer install;
    private final Timer probe;
    private final Counter closed;
    private final Counter recovered;
    private final Tally<Receipt> receipts;

    SetupMetrics(MeterRegistry registry) {
        String outcomes = "Setups that were answered; reason is none where one was established";
        established = Counter.builder("skywire.setup.outcomes")
                .description(outcomes)
                .tags("outcome", "established", "reason", "none")
                .register(registry);
        failed = new Tally<>(
                registry,
                "skywire.setup.outcomes",
                outcomes,
                "reason",
                FailureReason.class,
                Tags.of("outcome", "failed"));
        establishedTime = whole(registry, "established");
        failedTime = whole(registry, "failed");
        validate = phase(registry, "validate");
        find = phase(registry, "find");
        write = phase(registry, "write");
        install = phase(registry, "install");
        probe = phase(registry, "probe");
        closed = Counter.builder("skywire.setup.routes.closed")
                .description("Routes that were closed")
                .register(registry);
        recovered = Counter.builder("skywire.setup.recovered")
                .description("Setups of dead replicas that this one took back or over")
                .register(registry);
        receipts = new Tally<>(
                registry,
                "skywire.setup.receipts",
                "Nodes' signed receipts for deltas: lost is too many at once, or no database",
                "outcome",
                Receipt.class);
    }

    private static Timer whole(MeterRegistry registry, String outcome) {
        return Timer.builder("skywire.setup.duration")
                .description("Time of a setup: searching, writing, installing and probing, over all its plans")
                .tag("outcome", outcome)
                .register(registry);
    }

    /// `rules` has three more phases under the same name.
    private static Timer phase(MeterRegistry registry, String phase) {
        return Timer.builder("skywire.setup.phase")
                .description("Time of one phase of a setup")
                .tag("phase", phase)
                .register(registry);
    }

    /// From the request's arrival to the search: admission, and whether it is known already.
    void validated(Duration time) {
        validate.record(time);
    }

    void finished(SetupOutcome outcome) {
        SetupTimes times = outcome.times();
        Duration whole = times.find().plus(times.write()).plus(times.install()).plus(times.probe());
        switch (outcome) {
            case SetupOutcome.Established done -> {
                established.increment();
                establishedTime.record(whole);
            }
            case SetupOutcome.Failed failure -> {
                failed.add(failure.reason());
                failedTime.record(whole);
            }
        }
        find.record(times.find());
        write.record(times.write());
        install.record(times.install());
        probe.record(times.probe());
    }

    void closed() {
        closed.increment();
    }

    /// Setups of dead replicas that this one took back or over.
    void recovered(int setups) {
        recovered.increment(setups);
    }

    /// What became of a receipt.
    enum Receipt {
        KEPT,
        /// The signature is not the node's.
        WRONG,
        /// Too many at once, or no database.
        LOST
    }

    void receipt(Receipt receipt) {
        receipts.add(receipt);
    }
}
