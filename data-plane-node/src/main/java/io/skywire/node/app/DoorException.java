package io.skywire.node.app;

import java.io.IOException;

/// A door that cannot be opened. The message names the door and the address and says what to do.
public final class DoorException extends IOException {
    private static final long serialVersionUID = 1L;

    DoorException(String message, Throwable cause) {
        super(message, cause);
    }
}
