package io.skywire.node.transport;

/// Why a link was not made or was ended by this node. Bounded, so that it can label a metric.
public enum LinkFailure {
    /// Nobody answers at the address.
    UNREACHABLE,
    /// No complete handshake within its deadline.
    HANDSHAKE_TIMEOUT,
    /// Bytes that are no valid handshake: truncated, forged, replayed, another protocol or version.
    HANDSHAKE_REFUSED,
    /// The neighbour proved a key other than the one that was dialled.
    WRONG_KEY,
    /// The neighbour's signature of the transport entry is not its own.
    UNSETTLED,
    /// A frame that does not authenticate, or packets in it that do not fit.
    BAD_FRAME,
    /// Too many handshakes at once.
    TOO_MANY_HANDSHAKES,
    /// Too many handshakes at once with one remote address.
    TOO_MANY_FROM_ADDRESS,
    /// The neighbour has not answered for the heartbeat's deadline.
    SILENT,
    /// A second link of the same pair; the other one stays.
    DUPLICATE
}
