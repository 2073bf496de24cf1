package io.skywire.control.directory;

/// A parameter that is not what it must be; the message says which and what it must be.
final class BadInputException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String problem;

    BadInputException(String problem) {
        super(problem, null, false, false);
        this.problem = problem;
    }

    String problem() {
        return problem;
    }
}
