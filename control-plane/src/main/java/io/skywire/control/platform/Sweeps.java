package io.skywire.control.platform;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import org.springframework.stereotype.Component;

/// What the sweepers of this replica did: how often each ran and failed, and how many rows it ended or removed. A
/// sweeper whose runs stop rising no longer works. Safe for any thread.
@Component
public final class Sweeps {
    private static final String LABEL = "sweeper";

    private final Tally<Sweeper> done;
    private final Tally<Sweeper> failed;
    private final Tally<Sweeper> rows;

    /// Several over the same registry count together.
    public Sweeps(MeterRegistry meters) {
        done = runs(meters, "done");
        failed = runs(meters, "failed");
        rows = new Tally<>(meters, "skywire.sweep.rows", "Rows that sweepers ended or removed", LABEL, Sweeper.class);
    }

    private static Tally<Sweeper> runs(MeterRegistry meters, String outcome) {
        return new Tally<>(
                meters,
                "skywire.sweeps",
                "Runs of the sweepers that end or remove what is over",
                LABEL,
                Sweeper.class,
                Tags.of("outcome", outcome));
    }

    /// Every sweeper there is.
    public enum Sweeper {
        /// Ends views of transports whose lease ran out.
        LEASES,
        /// Removes transports that have been down for long.
        DEAD_TRANSPORTS,
        /// Ends entries of the messaging discovery and forgets their tombstones.
        MESSAGING_ENTRIES,
        /// Forgets proofs of network monitors that are no longer fresh.
        MONITOR_PROOFS,
        /// Deletes evidence that counts no more.
        BLAME_EVIDENCE,
        /// Forgets old days of nodes' uptime.
        UPTIME_DAYS,
        /// Takes back what dead replicas left unfinished.
        ABANDONED_SETUPS,
        /// Forgets routes that ended long ago.
        ROUTES
    }

    /// A run has ended that found so many rows to end or remove.
    public void did(Sweeper sweeper, int found) {
        done.add(sweeper);
        rows.add(sweeper, found);
    }

    /// A run could not be made, most likely because the database is away.
    public void failed(Sweeper sweeper) {
        failed.add(sweeper);
    }
}
