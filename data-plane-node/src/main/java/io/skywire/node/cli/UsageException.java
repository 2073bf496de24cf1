package io.skywire.node.cli;

/// The command line cannot be followed. One line that says what to write instead.
final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
