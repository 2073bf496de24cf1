package io.skywire.control.discovery;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings under `skywire.discovery.purge`.
///
/// @param retention how long a transport stays known that is down and of which no edge says a word
/// @param batch how many transports one purge, once in `skywire.discovery.purge.interval` (1m), removes at most
@ConfigurationProperties("skywire.discovery.purge")
record PurgeSettings(
        @DefaultValue("7d") Duration retention,
        @DefaultValue("1000") int batch) {
    PurgeSettings {
        if (!retention.isPositive() || batch < 1) {
            throw new IllegalArgumentException("skywire.discovery.purge.retention and batch must be above zero");
        }
    }
}
