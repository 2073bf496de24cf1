package io.skywire.node.relay;

/// Why a connection did not become a session. Bounded, so that it labels a metric.
public enum Refusal {
    /// As many sessions as the server may hold.
    FULL,
    /// Too many sessions of this source network, or too many in a short time of this key.
    RATE_LIMITED,
    /// The server is about to end.
    DRAINING,
    /// A living session holds this key.
    KEY_IN_USE,
    /// The client's terms cannot be met.
    UNSUPPORTED,
    /// Too many connections that have not proved a key, in all or of this source network.
    TOO_MANY_HANDSHAKES,
    HANDSHAKE_TIMEOUT,
    /// Bytes that are no valid handshake.
    HANDSHAKE_FAILED
}
