package io.skywire.control.platform;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/// Settings under `skywire.http`.
///
/// @param headDeadline how long a request line and its headers may take, from their first byte to the last
/// @param bodyDeadline how long a body may take, from the first read to the last byte
/// @param maxApiBody the largest body under `/api`; stock paths have caps of their own
@ConfigurationProperties("skywire.http")
record HttpSettings(
        @DefaultValue("10s") Duration headDeadline,
        @DefaultValue("10s") Duration bodyDeadline,
        @DefaultValue("64KB") DataSize maxApiBody) {
    HttpSettings {
        if (!headDeadline.isPositive() || !bodyDeadline.isPositive() || maxApiBody.toBytes() < 0) {
            throw new IllegalArgumentException(
                    "skywire.http.head-deadline and body-deadline must be above zero, max-api-body not below");
        }
    }
}
