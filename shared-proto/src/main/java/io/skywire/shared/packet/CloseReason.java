package io.skywire.shared.packet;

/// Why a route was closed, as one byte on the wire. An unknown number counts as [#REQUESTED].
public enum CloseReason {
    /// An end no longer needs the route.
    REQUESTED(0),
    /// Nothing used the route for its idle timeout.
    IDLE(1),
    /// The node is ending.
    SHUTDOWN(2);

    private final int number;

    CloseReason(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    public static CloseReason ofNumber(int number) {
        for (CloseReason reason : values()) {
            if (reason.number == number) {
                return reason;
            }
        }
        return REQUESTED;
    }
}
