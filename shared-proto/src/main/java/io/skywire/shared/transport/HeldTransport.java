package io.skywire.shared.transport;

import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A transport that an edge says is up, and what the edge says of it. Both edges have signed its entry: without both
/// signatures nobody holds it.
///
/// @param maxPayload in bytes
/// @param relays the messaging servers that it may use, in the order of their keys; at most [#MAX_RELAYS]
public record HeldTransport(TransportId id, LinkMeasurement measured, int maxPayload, List<PublicKey> relays) {
    /// The most messaging servers that one edge names.
    public static final int MAX_RELAYS = 8;

    public HeldTransport {
        relays = relays.stream().sorted().toList();
    }

    /// A direct one of which the round trip is all that was measured.
    ///
    /// @param roundTripMicros 0 while unknown
    public HeldTransport(TransportId id, long roundTripMicros, int maxPayload) {
        this(
                id,
                LinkMeasurement.ofRoundTrip(
                        roundTripMicros == 0
                                ? Optional.empty()
                                : Optional.of(Duration.ofNanos(1000 * roundTripMicros))),
                maxPayload,
                List.of());
    }

    /// 0 while unknown.
    public long roundTripMicros() {
        return measured.roundTripMicros();
    }
}
