package io.skywire.node.metrics;

/// The metrics' port cannot be had. The message names the address and why.
public final class MetricsStartException extends Exception {
    private static final long serialVersionUID = 1L;

    MetricsStartException(String message) {
        super(message);
    }
}
