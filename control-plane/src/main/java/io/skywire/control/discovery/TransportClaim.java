package io.skywire.control.discovery;

import io.skywire.shared.transport.SignedTransport;
import java.time.Duration;
import java.util.Optional;

/// One edge's view of one transport, not yet checked.
///
/// @param roundTrip the smoothed round trip of the link, empty while unknown
/// @param maxPayload the largest packet payload that the link carries, in bytes
public record TransportClaim(
        SignedTransport transport, LinkState state, Optional<Duration> roundTrip, int maxPayload) {}
