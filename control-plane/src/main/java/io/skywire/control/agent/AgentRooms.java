package io.skywire.control.agent;

import io.skywire.control.directory.NodeBook;
import io.skywire.control.discovery.DiscoverySettings;
import io.skywire.control.discovery.TransportRegistry;
import io.skywire.control.identity.NodeDirectory;
import io.skywire.control.platform.ServiceKeys;
import io.skywire.control.rules.RuleWatch;
import io.skywire.control.setup.RouteSetups;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.springframework.stereotype.Component;

/// The rooms that sessions speak with, and what they stand on.
@Component
record AgentRooms(
        NodeDirectory nodes,
        NodeBook book,
        TransportRegistry transports,
        DiscoverySettings discovery,
        RuleWatch rules,
        RouteSetups setups,
        ServiceKeys keys,
        SecureRandom random,
        InstantSource clock,
        AgentSettings settings) {}
