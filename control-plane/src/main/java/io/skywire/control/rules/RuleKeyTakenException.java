package io.skywire.control.rules;

/// A live rule of the same node already has this key: two routes cannot share a number on a transport. Pick again.
public final class RuleKeyTakenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RuleKeyTakenException(Throwable cause) {
        super("a live rule already has one of the keys", cause);
    }
}
