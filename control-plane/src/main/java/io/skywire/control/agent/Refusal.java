package io.skywire.control.agent;

import io.grpc.Status;

/// A session cannot go on: the status says what the agent should do (README.md beside the protos).
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Status status;

    private Refusal(Status status) {
        super(status.getDescription(), null, false, false);
        this.status = status;
    }

    static Refusal malformed(String detail) {
        return new Refusal(Status.INVALID_ARGUMENT.withDescription(detail));
    }

    static Refusal unproven(String detail) {
        return new Refusal(Status.UNAUTHENTICATED.withDescription(detail));
    }

    static Refusal limited(Status status) {
        return new Refusal(status);
    }

    Status status() {
        return status;
    }
}
