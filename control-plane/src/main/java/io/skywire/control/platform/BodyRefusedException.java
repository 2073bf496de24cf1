package io.skywire.control.platform;

import java.io.IOException;

/// A body that is not read to its end: too slow or too large. Nothing of it was used.
final class BodyRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final ProblemType type;

    BodyRefusedException(ProblemType type, String message) {
        super(message);
        this.type = type;
    }

    ProblemType type() {
        return type;
    }
}
