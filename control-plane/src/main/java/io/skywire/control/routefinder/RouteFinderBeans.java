package io.skywire.control.routefinder;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.blame.BlameBook;
import io.skywire.control.discovery.DownTransports;
import io.skywire.control.topology.TopologySource;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Wires the room.
@Configuration(proxyBeanMethods = false)
class RouteFinderBeans {
    @Bean
    RouteFinder routeFinder(
            TopologySource topology,
            BlameBook blame,
            SecureRandom seeds,
            RouteFinderSettings settings,
            MeterRegistry meters) {
        return new SnapshotRouteFinder(topology, blame, seeds, settings, meters);
    }

    @Bean
    RouteReasons routeReasons(
            TopologySource topology,
            BlameBook blame,
            DownTransports downs,
            InstantSource clock,
            RouteFinderSettings settings) {
        return new SnapshotRouteReasons(topology, blame, downs, clock, settings);
    }
}
