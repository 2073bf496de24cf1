package io.skywire.control.limits;

import io.grpc.Status;
import java.time.Duration;

/// Carries the wait of an empty bucket to the place that writes trailers; never leaves this process.
final class LimitedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Duration wait;

    private LimitedException(Duration wait) {
        super("limited", null, false, false);
        this.wait = wait;
    }

    static Status status(String who, Duration wait) {
        return Status.RESOURCE_EXHAUSTED
                .withDescription("too many sessions of this " + who + ": try again in " + Limits.seconds(wait) + " s")
                .withCause(new LimitedException(wait));
    }

    Duration pause() {
        return wait;
    }
}
