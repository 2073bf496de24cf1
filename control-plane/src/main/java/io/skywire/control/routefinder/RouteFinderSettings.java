package io.skywire.control.routefinder;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings under `skywire.route-finder`.
///
/// @param maxWork how many links one search looks at, at most; a million is a few milliseconds
@ConfigurationProperties("skywire.route-finder")
record RouteFinderSettings(@DefaultValue("2000000") long maxWork) {
    RouteFinderSettings {
        if (maxWork < 1) {
            throw new IllegalArgumentException("skywire.route-finder.max-work must be above zero, not " + maxWork);
        }
    }
}
