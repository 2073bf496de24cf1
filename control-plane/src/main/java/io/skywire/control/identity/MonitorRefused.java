package io.skywire.control.identity;

/// Somebody who says to be a network monitor is not let in. Says nothing of what was sent.
public final class MonitorRefused extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    public enum Reason {
        /// A header is missing or is not what it must be.
        MALFORMED,
        /// The key is not listed, or the proof is not fresh, not its own, not for this request, or was used before.
        FORBIDDEN
    }

    private MonitorRefused(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    static MonitorRefused malformed(String message) {
        return new MonitorRefused(Reason.MALFORMED, message);
    }

    static MonitorRefused forbidden(String message) {
        return new MonitorRefused(Reason.FORBIDDEN, message);
    }

    public Reason reason() {
        return reason;
    }
}
