package io.skywire.local;

/// The machine lacks something that no repetition will bring: a program, disk space, a free port. Exit code 3; the
/// message is one line that says what to do.
public final class MachineLacks extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MachineLacks(String message) {
        super(message);
    }
}
