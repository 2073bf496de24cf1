package io.skywire.node.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Everything an operator decides about one messaging server. Paths are absolute; every value was checked when it was
/// read.
///
/// @param file where it was read from
/// @param keyFile the server's secret, see [KeyFile]
/// @param listen where clients arrive
/// @param address where clients are told to dial
/// @param discovery the messaging discovery that is told of this server; none: nobody is told
/// @param capacity clients at once
/// @param capacityPerNetwork clients at once of one source network (IPv4 /24, IPv6 /56)
/// @param rate what one client may send in a second; none: as much as it likes
/// @param memory bytes that may wait for addressees
/// @param socketMemory bytes that may lie between the server and the kernel
/// @param drain how long an ending server goes on for clients that have not left yet
public record RelayConfig(
        Path file,
        Path keyFile,
        HostPort listen,
        HostPort address,
        Optional<URI> discovery,
        Optional<HostPort> metrics,
        int capacity,
        int capacityPerNetwork,
        Optional<Rate> rate,
        long memory,
        long socketMemory,
        int eventLoops,
        Duration drain) {
    /// What one client may send in a second.
    public record Rate(int letters, int bytes) {}
}
