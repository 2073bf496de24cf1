package io.skywire.node.messaging;

/// Why a letter was dropped on this side. Bounded, so that it labels a metric.
public enum LocalDrop {
    /// No session with the server that was named.
    NO_SESSION,
    /// The socket takes letters too slowly.
    QUEUE_FULL,
    /// Larger than the session carries.
    TOO_LARGE,
    /// A letter arrived whose sender is no key, or too many new senders in a short time.
    BAD_SENDER
}
