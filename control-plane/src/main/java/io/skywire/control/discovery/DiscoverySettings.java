package io.skywire.control.discovery;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings under `skywire.discovery`.
///
/// @param lease how long an edge's view lives without a renewal
/// @param heartbeat how often an edge is asked to renew; at most half the lease, so that one may get lost
/// @param sweepInterval how often expired views are looked for
/// @param sweepBatch how many views one sweep takes down at most
@ConfigurationProperties("skywire.discovery")
public record DiscoverySettings(
        @DefaultValue("30s") Duration lease,
        @DefaultValue("10s") Duration heartbeat,
        @DefaultValue("1s") Duration sweepInterval,
        @DefaultValue("1000") int sweepBatch) {
    public DiscoverySettings {
        if (!heartbeat.isPositive() || heartbeat.multipliedBy(2).compareTo(lease) > 0) {
            throw new IllegalArgumentException("skywire.discovery.heartbeat must be above zero and at most half of"
                    + " skywire.discovery.lease, not " + heartbeat + " against " + lease);
        }
        if (!sweepInterval.isPositive() || sweepBatch < 1) {
            throw new IllegalArgumentException("skywire.discovery.sweep-interval and sweep-batch must be above zero");
        }
    }
}
