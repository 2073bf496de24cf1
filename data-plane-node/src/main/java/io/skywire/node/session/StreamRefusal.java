package io.skywire.node.session;

import java.util.Optional;

/// Why a peer does not take a stream; the number is the status byte on the wire.
public enum StreamRefusal {
    NOT_PUBLISHED(1, "nothing is published on that port"),
    NOT_ALLOWED(2, "the port is not open to this node's key"),
    TARGET_REFUSED(3, "the local target behind the port refused"),
    BUSY(4, "the peer has as many connections as it takes");

    /// The status byte of a stream that is taken.
    static final int OK = 0;

    private final int code;
    private final String text;

    StreamRefusal(int code, String text) {
        this.code = code;
        this.text = text;
    }

    public int code() {
        return code;
    }

    /// One line for people.
    public String text() {
        return text;
    }

    static Optional<StreamRefusal> ofCode(int code) {
        for (StreamRefusal refusal : values()) {
            if (refusal.code == code) {
                return Optional.of(refusal);
            }
        }
        return Optional.empty();
    }
}
