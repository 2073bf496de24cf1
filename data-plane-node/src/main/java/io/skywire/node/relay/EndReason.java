package io.skywire.node.relay;

/// Why a session that stood has ended. Bounded, so that it labels a metric.
public enum EndReason {
    /// The client closed it, or the connection broke.
    LEFT,
    /// Nothing was heard for too long.
    SILENT,
    /// A frame that does not authenticate, or letters in it that do not fit.
    BAD_FRAME,
    /// The client's socket has taken nothing for too long.
    STUCK,
    /// No room to keep the beginning of a frame, or one that never got whole.
    NO_ROOM,
    /// It was dead, and another session of its key took over.
    REPLACED,
    /// The server ended.
    DRAINED,
    /// A bug of the server.
    INTERNAL
}
