package io.skywire.node.letters;

import java.util.Optional;

/// Why a server did not hand a letter on. Bounded, so that it labels a metric.
public enum ReturnReason {
    /// The addressee is not connected to this server.
    NO_SUCH_PEER(1),
    /// The addressee reads too slowly, or the server has no room for more.
    QUEUE_FULL(2),
    /// The sender sends more than it may.
    RATE_LIMITED(3),
    /// The addressee has left because this server is about to end.
    DRAINING(4),
    /// Larger than the addressee takes.
    TOO_LARGE(5);

    private final int number;

    ReturnReason(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    public static Optional<ReturnReason> ofNumber(int number) {
        for (ReturnReason reason : values()) {
            if (reason.number == number) {
                return Optional.of(reason);
            }
        }
        return Optional.empty();
    }
}
