package io.skywire.control.discovery;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.time.Instant;

/// A transport that is registered and down.
///
/// @param lowerSays what the lower edge's newest view is worth now
/// @param since when it went down, or was registered
public record DownTransport(
        TransportId id, PublicKey lower, PublicKey higher, Word lowerSays, Word higherSays, Instant since) {
    /// What an edge says of a transport.
    public enum Word {
        UP,
        DOWN,
        /// It said up, and its lease has run out.
        EXPIRED,
        /// It has never said anything.
        NOTHING
    }
}
