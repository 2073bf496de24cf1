package io.skywire.control.messaging;

import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings under `skywire.messaging`. Keys are 66 hex digits.
///
/// @param serverLifetime how long a server entry lives without an update; stock servers update every minute
/// @param clientLease the same for client entries; stock clients update every 5 minutes
/// @param shortClientLease the same for client entries posted with `?timeout=true`
/// @param tombstone how long the last sequence and timestamp of a gone entry are remembered
/// @param sweepBatch how many entries one sweep, once in `skywire.messaging.sweep-interval` (1s), ends at most
/// @param officialServers servers that are listed as `official`; all others are `community`
/// @param loopbackServers whether servers may announce loopback addresses
/// @param deleteProof what it takes to delete an entry
@ConfigurationProperties("skywire.messaging")
record MessagingSettings(
        @DefaultValue("2m") Duration serverLifetime,
        @DefaultValue("15m") Duration clientLease,
        @DefaultValue("3m") Duration shortClientLease,
        @DefaultValue("90d") Duration tombstone,
        @DefaultValue("1000") int sweepBatch,
        @DefaultValue Set<String> officialServers,
        @DefaultValue("refused") LoopbackServers loopbackServers,
        @DefaultValue("document") DeleteProof deleteProof) {
    MessagingSettings {
        for (Duration duration : new Duration[] {serverLifetime, clientLease, shortClientLease, tombstone}) {
            if (!duration.isPositive()) {
                throw new IllegalArgumentException("skywire.messaging: times must be above zero, not " + duration);
            }
        }
        if (sweepBatch < 1) {
            throw new IllegalArgumentException("skywire.messaging.sweep-batch must be at least 1, not " + sweepBatch);
        }
        officialServers = Set.copyOf(officialServers);
    }

    Set<PublicKey> officialServerKeys() {
        Set<PublicKey> keys = new HashSet<>();
        officialServers.forEach(text -> keys.add(PublicKey.parse(text.strip())));
        return Set.copyOf(keys);
    }
}
