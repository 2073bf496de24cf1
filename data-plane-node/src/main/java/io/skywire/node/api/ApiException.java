package io.skywire.node.api;

/// A request to a node's API that brought no result. Messages are one line, for people.
public abstract sealed class ApiException extends Exception {
    private static final long serialVersionUID = 1L;

    private ApiException(String message) {
        super(message);
    }

    /// Nobody answers at the socket.
    public static final class NotRunning extends ApiException {
        private static final long serialVersionUID = 1L;

        NotRunning(String message) {
            super(message);
        }
    }

    /// Somebody took the request and gave no answer that can be understood, in time.
    public static final class NoAnswer extends ApiException {
        private static final long serialVersionUID = 1L;

        NoAnswer(String message) {
            super(message);
        }
    }

    /// The node said no.
    public static final class Refused extends ApiException {
        private static final long serialVersionUID = 1L;

        private final transient Refusal refusal;

        Refused(Refusal refusal) {
            super(refusal.line());
            this.refusal = refusal;
        }

        public Refusal refusal() {
            return refusal;
        }
    }
}
