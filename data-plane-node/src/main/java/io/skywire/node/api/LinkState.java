package io.skywire.node.api;

/// Where a kept link stands.
public enum LinkState {
    UP,
    DIALLING,
    /// The last attempt failed; the next one comes after a pause.
    WAITING
}
