package io.skywire.control.discovery;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;

/// A transport that was up cannot be used any more.
///
/// Published inside the transaction: listen with `@TransactionalEventListener`, which hears it after the commit.
///
/// @param revision as in [TransportUp]
public record TransportDown(TransportId id, PublicKey lower, PublicKey higher, Reason reason, long revision) {

    public enum Reason {
        /// An edge said that the link is down.
        REPORTED_DOWN,
        /// An edge's whole view did not name it.
        NOT_IN_VIEW,
        /// An edge has not renewed its lease.
        LEASE_EXPIRED
    }
}
