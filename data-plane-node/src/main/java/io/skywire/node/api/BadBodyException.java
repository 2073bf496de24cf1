package io.skywire.node.api;

/// A request body that is not what the endpoint takes. The message names the key and what is expected.
final class BadBodyException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    BadBodyException(String message) {
        super(message);
    }
}
