package io.skywire.node.messaging;

/// Why a session with a server ended, or did not begin. Bounded, so that it labels a metric.
public enum SessionEnd {
    /// Nobody answers at the address.
    UNREACHABLE,
    /// No valid handshake, or none in time.
    HANDSHAKE_FAILED,
    /// The server holds another key than its entry says.
    WRONG_KEY,
    /// The server is full, draining, or lets this key in no more for now.
    REFUSED,
    /// Another program with this node's key has a living session there.
    KEY_IN_USE,
    /// Nothing was heard for too long.
    SILENT,
    /// A frame that does not authenticate, or letters in it that a server must not send.
    BAD_FRAME,
    /// The server closed it, or the connection broke.
    LEFT,
    /// The server told us to move, and we have.
    MOVED,
    /// It was opened for a peer and is no longer used.
    IDLE,
    /// This side is ending.
    CLOSED,
    /// A bug of ours, or no memory for a frame.
    INTERNAL
}
