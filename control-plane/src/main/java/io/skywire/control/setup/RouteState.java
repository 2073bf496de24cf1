package io.skywire.control.setup;

/// Where a route stands; the transitions are in `docs/protocol/route-setup.md`.
public enum RouteState {
    REQUESTED,
    PLANNED,
    INSTALLING,
    PROBING,
    ACTIVE,
    CLOSING,
    CLOSED,
    ROLLING_BACK,
    FAILED
}
