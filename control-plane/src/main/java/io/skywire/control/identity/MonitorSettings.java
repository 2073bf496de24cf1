package io.skywire.control.identity;

import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings under `skywire.identity.monitors`.
///
/// @param keys network monitors that may deregister entries with a fresh proof, 66 hex digits each
/// @param freshness how far the time of a proof may lie from now
@ConfigurationProperties("skywire.identity.monitors")
record MonitorSettings(
        @DefaultValue Set<String> keys, @DefaultValue("60s") Duration freshness) {
    MonitorSettings {
        keys = Set.copyOf(keys);
        if (!freshness.isPositive()) {
            throw new IllegalArgumentException("skywire.identity.monitors.freshness must be above zero");
        }
    }

    Set<PublicKey> publicKeys() {
        Set<PublicKey> parsed = new HashSet<>();
        keys.forEach(text -> parsed.add(PublicKey.parse(text.strip())));
        return Set.copyOf(parsed);
    }
}
