package io.skywire.control.identity;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/// Settings under `skywire.identity.signing`.
///
/// @param maxBody the largest body that is read before its signature is known to be good
/// @param bodyTimeout how long a client may take to send its body
@ConfigurationProperties("skywire.identity.signing")
record RequestSigningSettings(
        @DefaultValue("1MB") DataSize maxBody,
        @DefaultValue("10s") Duration bodyTimeout) {
    RequestSigningSettings {
        if (maxBody.toBytes() < 1 || maxBody.toBytes() > Integer.MAX_VALUE / 2 || !bodyTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "skywire.identity.signing.max-body and body-timeout must be above zero, and max-body below 1 GB");
        }
    }
}
