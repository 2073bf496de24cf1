package io.skywire.control.setup;

import java.net.URI;
import java.util.Optional;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings under `skywire.tracing`.
///
/// @param endpoint where traces go by OTLP over HTTP, as `http://collector:4318/v1/traces`; none: nothing is traced
/// @param fraction of the setups that are traced, 0 to 1
@ConfigurationProperties("skywire.tracing")
public record TracingSettings(
        Optional<URI> endpoint, @DefaultValue("1.0") double fraction) {
    public TracingSettings {
        if (!(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException("skywire.tracing.fraction is 0 to 1, not " + fraction);
        }
        endpoint.ifPresent(uri -> {
            if (!("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) || uri.getHost() == null) {
                throw new IllegalArgumentException(
                        "skywire.tracing.endpoint is a URL as http://collector:4318/v1/traces, not " + uri);
            }
        });
    }
}
