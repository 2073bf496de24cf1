package io.skywire.control.agent;

import io.skywire.control.directory.NodeBook;
import io.skywire.control.discovery.DiscoverySettings;
import io.skywire.control.discovery.TransportRegistry;
import io.skywire.control.limits.SessionLimits;
import io.skywire.control.platform.Replicas;
import io.skywire.control.platform.ServiceKeys;
import io.skywire.control.reachability.DialBacks;
import io.skywire.control.routefinder.RouteFinder;
import io.skywire.control.routefinder.RouteReasons;
import io.skywire.control.setup.RouteSetups;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.springframework.stereotype.Component;

/// The rooms that sessions speak with, and what they stand on.
@Component
record AgentRooms(
        NodeBook book,
        TransportRegistry transports,
        DiscoverySettings discovery,
        Views views,
        Turns turns,
        Arrivals arrivals,
        RouteFinder finder,
        RouteReasons reasons,
        RouteSetups setups,
        SessionLimits limits,
        DialBacks dialBacks,
        ServiceKeys keys,
        Replicas replicas,
        SecureRandom random,
        InstantSource clock,
        AgentSettings settings) {}
