package io.skywire.control.discovery;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings under `skywire.discovery.stock`, for visors that register over HTTP and never send a heartbeat.
///
/// @param lease how long a registration lives after the last signed request of either edge
@ConfigurationProperties("skywire.discovery.stock")
record StockSettings(@DefaultValue("10m") Duration lease) {
    StockSettings {
        if (!lease.isPositive()) {
            throw new IllegalArgumentException("skywire.discovery.stock.lease must be above zero, not " + lease);
        }
    }

    /// How much of the lease passes before a request renews it again: most requests cost no writing. It counts once for
    /// the edge's requests and once for the lease, so three quarters of it are left after any request.
    Duration renewAfter() {
        return lease.dividedBy(8);
    }
}
