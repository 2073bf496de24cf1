package io.skywire.node.api;

/// The API's socket cannot be had. The message names the path and what to do.
public final class ApiStartException extends Exception {
    private static final long serialVersionUID = 1L;

    ApiStartException(String message) {
        super(message);
    }
}
