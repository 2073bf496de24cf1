package io.skywire.control.routefinder;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Settings under `skywire.route-finder`.
///
/// @param maxWork how many lanes one search looks at, at most; a million is a few milliseconds
/// @param spread by which part of itself a price may be raised at random, 0 to 1: how much worse than the best a route
///     may be for the sake of spreading load
@ConfigurationProperties("skywire.route-finder")
record RouteFinderSettings(
        @DefaultValue("10000000") long maxWork,
        @DefaultValue("0.05") double spread) {
    RouteFinderSettings {
        if (maxWork < 1) {
            throw new IllegalArgumentException("skywire.route-finder.max-work must be above zero, not " + maxWork);
        }
        if (!(spread >= 0 && spread <= 1)) {
            throw new IllegalArgumentException("skywire.route-finder.spread must be from 0 to 1, not " + spread);
        }
    }
}
