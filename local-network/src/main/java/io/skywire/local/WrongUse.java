package io.skywire.local;

/// A command was given something that does not exist. Exit code 2; the message says what does.
final class WrongUse extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongUse(String message) {
        super(message);
    }
}
