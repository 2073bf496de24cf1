package io.skywire.control.directory;

/// Whether a node could be dialled when this control plane last tried.
public enum Reachability {
    YES,
    NO,
    /// Nobody tried lately.
    UNKNOWN
}
