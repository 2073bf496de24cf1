package io.skywire.control.blame;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings under `skywire.blame`. Caps are in fresh failures.
///
/// @param halfLife after which time evidence counts half; it is kept for twelve of them
/// @param wordCap how much one node's word alone counts against anybody
/// @param accuserCap how much everything that happened in one node's setups counts against anybody
/// @param cap the highest score
/// @param maxEvidence how many rows are kept; those that count least go first
/// @param sweepBatch how many rows one sweep, once in `skywire.blame.refresh-interval` (5s), deletes at most
@ConfigurationProperties("skywire.blame")
record BlameSettings(
        @DefaultValue("5m") Duration halfLife,
        @DefaultValue("0.5") double wordCap,
        @DefaultValue("2") double accuserCap,
        @DefaultValue("4") double cap,
        @DefaultValue("20000") int maxEvidence,
        @DefaultValue("1000") int sweepBatch) {
    /// Then a weight of 1 has become less than a thousandth.
    private static final int HALF_LIVES_KEPT = 12;

    BlameSettings {
        try {
            new BlameScore(halfLife, wordCap, accuserCap, cap);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException("skywire.blame: " + wrong.getMessage(), wrong);
        }
        if (halfLife.compareTo(Duration.ofSeconds(1)) < 0 || halfLife.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(
                    "skywire.blame.half-life must lie between a second and a day, not " + halfLife);
        }
        if (maxEvidence < 1 || sweepBatch < 1) {
            throw new IllegalArgumentException("skywire.blame.max-evidence and sweep-batch must be at least 1, not "
                    + maxEvidence + ", " + sweepBatch);
        }
    }

    BlameScore score() {
        return new BlameScore(halfLife, wordCap, accuserCap, cap);
    }

    Duration kept() {
        return halfLife.multipliedBy(HALF_LIVES_KEPT);
    }
}
