package io.skywire.control.messaging;

/// A body that is no JSON document of the expected shape. Says nothing of the content: strangers send it.
final class UndecodableException extends Exception {
    private static final long serialVersionUID = 1L;

    UndecodableException(String problem) {
        super(problem, null, false, false);
    }
}
