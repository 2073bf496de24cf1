package io.skywire.control.reachability;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings under `skywire.reachability`.
///
/// @param allowed networks that are dialled although they are not public, for nodes whose sessions come from one of
///     them; such as `127.0.0.0/8` where a whole network runs on one machine
/// @param deadline from the start of a dial to the proof of the key
/// @param concurrent how many dials may be under way at once
@ConfigurationProperties("skywire.reachability")
record ReachabilitySettings(
        @DefaultValue List<String> allowed,
        @DefaultValue("3s") Duration deadline,
        @DefaultValue("64") int concurrent) {
    ReachabilitySettings {
        allowed = List.copyOf(allowed);
        if (!deadline.isPositive() || deadline.compareTo(Duration.ofSeconds(30)) > 0 || concurrent < 1) {
            throw new IllegalArgumentException(
                    "skywire.reachability: deadline is above zero and at most 30s, concurrent above zero");
        }
    }
}
