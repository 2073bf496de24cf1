package io.skywire.control.discovery;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.util.Optional;

/// A transport can be used now: both edges say so. Published again when what it says has changed.
///
/// Published inside the transaction: listen with `@TransactionalEventListener`, which hears it after the commit.
///
/// @param label what the edges call it, for people
/// @param maxPayload the smaller of what both edges carry, in bytes
/// @param roundTrip the larger of what both edges measure
/// @param revision grows with every change of this transport; an event with an older one is late and must be ignored
public record TransportUp(
        TransportId id,
        PublicKey lower,
        PublicKey higher,
        TransportType type,
        String label,
        int maxPayload,
        Optional<Duration> roundTrip,
        long revision) {
    /// The label of nearly every transport.
    public static final String USER = "user";

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
}
