package io.skywire.node.metrics;

/// Why a datagram of a session went nowhere at an end of a route. Bounded, so that it labels a metric.
public enum DatagramDrop {
    /// It came faster than the session's event loop took it.
    TOO_FAST,
    /// The session had no route at that moment.
    NO_ROUTE,
    /// Larger than the route carries.
    TOO_LARGE,
    /// No session belongs to the route.
    NO_SESSION
}
