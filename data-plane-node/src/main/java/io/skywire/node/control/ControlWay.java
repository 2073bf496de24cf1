package io.skywire.node.control;

/// By which way a node's session reaches its control plane. Bounded, so that it labels a metric.
public enum ControlWay {
    /// A connection of its own to the control plane's address.
    DIRECT,
    /// Through a gateway on the messaging network.
    MESSAGING
}
