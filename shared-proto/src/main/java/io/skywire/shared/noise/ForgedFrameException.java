package io.skywire.shared.noise;

/// A sealed frame does not authenticate: it was changed, replayed, reordered, or sealed with another key.
public final class ForgedFrameException extends Exception {
    private static final long serialVersionUID = 1L;

    ForgedFrameException(String message) {
        super(message);
    }
}
