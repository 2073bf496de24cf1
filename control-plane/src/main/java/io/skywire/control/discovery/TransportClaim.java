package io.skywire.control.discovery;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.SignedTransport;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One edge's view of one transport, not yet checked.
///
/// @param measured what the edge measures on the link
/// @param maxPayload the largest packet payload that the link carries, in bytes
/// @param relays the messaging servers that the link may use
public record TransportClaim(
        SignedTransport transport, LinkState state, LinkMeasurement measured, int maxPayload, List<PublicKey> relays) {
    public TransportClaim {
        relays = relays.stream().sorted().toList();
    }

    /// Of a direct link on which nothing but the round trip was measured.
    public TransportClaim(SignedTransport transport, LinkState state, Optional<Duration> roundTrip, int maxPayload) {
        this(transport, state, LinkMeasurement.ofRoundTrip(roundTrip), maxPayload, List.of());
    }
}
