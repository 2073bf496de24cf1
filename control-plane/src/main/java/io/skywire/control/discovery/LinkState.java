package io.skywire.control.discovery;

/// What one edge says of a transport.
public enum LinkState {
    UP,
    DOWN
}
