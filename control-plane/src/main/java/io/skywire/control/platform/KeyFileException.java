package io.skywire.control.platform;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A key file that cannot be used. The message names the file, what is wrong and what to do; never its content.
final class KeyFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String remedy;

    KeyFileException(Path file, String problem, String remedy) {
        this(file, problem, remedy, null);
    }

    KeyFileException(Path file, String problem, String remedy, @Nullable Throwable cause) {
        super("key file " + file + ": " + problem + "; " + remedy, cause);
        this.remedy = remedy;
    }

    String remedy() {
        return remedy;
    }
}
