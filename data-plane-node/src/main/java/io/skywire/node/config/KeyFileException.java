package io.skywire.node.config;

import java.nio.file.Path;

/// A key file that cannot be read or written. The message names the path and what to do, never what is in the file.
public final class KeyFileException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Path file;

    KeyFileException(Path file, String message) {
        super(message);
        this.file = file;
    }

    public Path file() {
        return file;
    }
}
