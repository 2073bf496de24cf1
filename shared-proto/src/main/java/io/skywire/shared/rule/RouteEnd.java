package io.skywire.shared.rule;

/// Which end of a route a node is: the one that asked for it, or the one it leads to.
public enum RouteEnd {
    INITIATOR,
    RESPONDER
}
