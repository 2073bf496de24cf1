package io.skywire.node.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Everything an operator decides about one gateway. Paths are absolute; every value was checked when it was read.
///
/// @param file where it was read from
/// @param keyFile the gateway's secret, see [KeyFile]
/// @param messaging where it is reached
/// @param controlPlane the one address it leads to
/// @param capacity byte streams at once
/// @param capacityPerKey byte streams at once of one key
/// @param idle a byte stream that carries nothing for so long is cut
public record GatewayConfig(
        Path file,
        Path keyFile,
        NodeConfig.Messaging messaging,
        HostPort controlPlane,
        Optional<HostPort> metrics,
        int capacity,
        int capacityPerKey,
        Duration idle,
        int eventLoops) {}
