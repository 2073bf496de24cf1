package io.skywire.local.drill;

import io.skywire.local.LiveNetwork;
import io.skywire.local.Patience;
import io.skywire.local.Report;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/// How long it took from a moment on until control plane and nodes agreed again: every agent has a session, every
/// table is the ledger's, every link that is up is listed and no other. And which rules nobody knows of after that.
///
/// @param missing what was not as it should be when patience was over
/// @param orphans rules at nodes that the ledger does not hold, looked at until there were none or the target had
/// passed
record Reconciled(Duration took, List<String> missing, List<String> orphans) {
    static final Duration TARGET = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// Watches from now on.
    static Reconciled watch(LiveNetwork network) {
        long begin = System.nanoTime();
        AtomicReference<List<String>> missing = new AtomicReference<>(List.of());
        Patience.until(PATIENCE, () -> {
            missing.set(network.unreconciled());
            return missing.get().isEmpty();
        });
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        AtomicReference<List<String>> orphans = new AtomicReference<>(List.of());
        Duration left = TARGET.minus(took);
        // A rule may be on its way out at any moment while routes come and go: only one that stays is an orphan.
        Patience.until(left.compareTo(Duration.ofSeconds(1)) > 0 ? left : Duration.ofSeconds(1), () -> {
            orphans.set(network.orphanRules());
            return orphans.get().isEmpty();
        });
        return new Reconciled(took, missing.get(), orphans.get());
    }

    void tell(Report report) {
        report.atMost("reconciled_seconds", took.toNanos() / 1e9, TARGET.toSeconds());
        report.exactly("orphan_rules", orphans.size(), 0);
        missing.forEach(report::failed);
        orphans.stream().limit(5).forEach(report::failed);
    }
}
