package io.skywire.node.letters;

/// Why a session's handshake did not come to its end. Bounded, so that it labels a metric.
public enum HandshakeFailure {
    /// Not done within its deadline.
    TIMEOUT,
    /// Bytes that are no valid handshake, or the other side refused it or left.
    REFUSED,
    /// The server holds another key than the one that was dialled.
    WRONG_KEY,
    /// More work waits than may.
    BUSY
}
