package io.skywire.local;

/// A command was given something that does not exist. Exit code 2; the message says what does.
public final class WrongUse extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public WrongUse(String message) {
        super(message);
    }
}
