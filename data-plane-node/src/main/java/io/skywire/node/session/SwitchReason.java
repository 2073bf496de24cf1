package io.skywire.node.session;

/// Why a session went over to another route. Bounded, so that it labels a metric.
public enum SwitchReason {
    /// The node beside a dead link said so.
    BROKEN,
    /// The rules of the route in use went.
    CLOSED,
    /// Nothing came back through the route in use, and the other one answered.
    STALLED,
    /// The other route has been quicker for a while.
    BETTER,
    /// This node wants its traffic off a transport.
    MOVED
}
