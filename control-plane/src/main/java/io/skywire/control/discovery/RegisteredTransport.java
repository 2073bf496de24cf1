package io.skywire.control.discovery;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.util.Optional;

/// A transport as it stands in the database.
///
/// @param up what is known of it while it is up; empty while it is down
/// @param revision as in [TransportUp]
public record RegisteredTransport(
        TransportId id, PublicKey lower, PublicKey higher, Optional<TransportUp> up, long revision) {}
