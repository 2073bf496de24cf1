package io.skywire.local;

/// Something in the local network did not do what it should: a process ended, a wait ran out. Exit code 1; the message
/// names the process and its log.
public final class NetworkFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NetworkFailure(String message) {
        super(message);
    }
}
