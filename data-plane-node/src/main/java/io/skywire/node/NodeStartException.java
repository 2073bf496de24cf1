package io.skywire.node;

/// Why a node did not start: one line that names the thing and what to do about it. Nothing was left behind.
public final class NodeStartException extends Exception {
    private static final long serialVersionUID = 1L;

    NodeStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
