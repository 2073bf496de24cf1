package io.skywire.control.discovery;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A transport can be used now: both edges say so. Published again when what it says has changed.
///
/// Published inside the transaction: listen with `@TransactionalEventListener`, which hears it after the commit.
///
/// @param label what the edges call it, for people
/// @param maxPayload the smaller of what both edges carry, in bytes
/// @param measured the worse of what both edges measure
/// @param measuredAt when an edge last told a measurement; may be some minutes behind while nothing changes
/// @param relays the messaging servers that either edge may use for it, in the order of their keys; at most 16
/// @param revision grows with every change of this transport; an event with an older one is late and must be ignored
public record TransportUp(
        TransportId id,
        PublicKey lower,
        PublicKey higher,
        TransportType type,
        String label,
        int maxPayload,
        LinkMeasurement measured,
        Optional<Instant> measuredAt,
        List<PublicKey> relays,
        long revision) {
    /// The label of nearly every transport.
    public static final String USER = "user";

    public TransportUp {
        relays = List.copyOf(relays);
    }

    /// A direct one on which nothing but the round trip was measured, nobody knows when.
    public TransportUp(
            TransportId id,
            PublicKey lower,
            PublicKey higher,
            TransportType type,
            String label,
            int maxPayload,
            Optional<Duration> roundTrip,
            long revision) {
        this(
                id,
                lower,
                higher,
                type,
                label,
                maxPayload,
                LinkMeasurement.ofRoundTrip(roundTrip),
                Optional.empty(),
                List.of(),
                revision);
    }

    public TransportUp(
            TransportId id,
            PublicKey lower,
            PublicKey higher,
            TransportType type,
            int maxPayload,
            Optional<Duration> roundTrip,
            long revision) {
        this(id, lower, higher, type, USER, maxPayload, roundTrip, revision);
    }

    public Optional<Duration> roundTrip() {
        return measured.roundTrip();
    }
}
