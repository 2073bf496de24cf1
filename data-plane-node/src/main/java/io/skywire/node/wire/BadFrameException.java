package io.skywire.node.wire;

/// A frame that does not authenticate, or packets in it that do not fit. The link it came on is of no use any more.
public final class BadFrameException extends Exception {
    private static final long serialVersionUID = 1L;

    public BadFrameException(String message) {
        super(message);
    }
}
