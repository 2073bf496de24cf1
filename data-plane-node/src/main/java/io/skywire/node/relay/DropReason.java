package io.skywire.node.relay;

import io.skywire.node.letters.ReturnReason;

/// Why a letter was not handed on. Bounded, so that it labels a metric.
public enum DropReason {
    NO_SUCH_PEER,
    /// The addressee reads too slowly.
    QUEUE_FULL,
    RATE_LIMITED,
    DRAINING,
    TOO_LARGE,
    /// It waited already and had to make room for letters of others.
    EVICTED,
    /// The addressee's event loop does not keep up.
    LOOP_BUSY;

    /// What the sender is told.
    ReturnReason told() {
        return switch (this) {
            case NO_SUCH_PEER -> ReturnReason.NO_SUCH_PEER;
            case QUEUE_FULL, EVICTED, LOOP_BUSY -> ReturnReason.QUEUE_FULL;
            case RATE_LIMITED -> ReturnReason.RATE_LIMITED;
            case DRAINING -> ReturnReason.DRAINING;
            case TOO_LARGE -> ReturnReason.TOO_LARGE;
        };
    }
}
