package io.skywire.node.router;

/// Why a packet that arrived went nowhere. Bounded, so that it labels a metric. Full queues are counted by the link.
public enum DropReason {
    /// No rule for (ingress, route id).
    UNKNOWN_ROUTE,
    /// The rule's egress link is down.
    LINK_DOWN,
    /// Larger than the egress link carries.
    TOO_LARGE,
    /// A type that has no meaning at an end of a route.
    UNKNOWN_TYPE
}
