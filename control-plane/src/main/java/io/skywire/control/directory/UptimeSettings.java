package io.skywire.control.directory;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings under `skywire.uptime`.
///
/// @param onlineFor how long after its last update a node counts as online
/// @param historyDays how many days of uptime are kept
/// @param sweepBatch how many days of nodes one sweep, once in `skywire.uptime.sweep-interval` (10m), forgets at most
@ConfigurationProperties("skywire.uptime")
record UptimeSettings(
        @DefaultValue("6m") Duration onlineFor,
        @DefaultValue("400") int historyDays,
        @DefaultValue("10000") int sweepBatch) {
    UptimeSettings {
        if (!onlineFor.isPositive() || historyDays < 1 || sweepBatch < 1) {
            throw new IllegalArgumentException(
                    "skywire.uptime.online-for, history-days and sweep-batch must be above zero");
        }
    }
}
