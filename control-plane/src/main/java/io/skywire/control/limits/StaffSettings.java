package io.skywire.control.limits;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings under `skywire.staff`.
///
/// @param networks from where the ledger and the blame list may be read
@ConfigurationProperties("skywire.staff")
record StaffSettings(
        @DefaultValue({"127.0.0.0/8", "::1/128"}) List<String> networks) {
    StaffSettings {
        networks = List.copyOf(networks);
    }
}
