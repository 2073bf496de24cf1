package io.skywire.node.config;

import io.skywire.node.config.ConfigException.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The problems found in one file so far.
final class Problems {
    private final String file;
    private final List<Problem> found = new ArrayList<>();
    private boolean syntaxBroken;

    Problems(String file) {
        this.file = file;
    }

    void add(int line, String key, String text) {
        found.add(new Problem(file, line, key, text));
    }

    /// After broken syntax the file was not read to its end, so nothing can be said of keys that seem to be missing.
    void addSyntax(int line, String text) {
        syntaxBroken = true;
        add(line, "", text);
    }

    void throwIfUnreadable() throws ConfigException {
        if (syntaxBroken) {
            throwIfAny();
        }
    }

    void throwIfAny() throws ConfigException {
        if (!found.isEmpty()) {
            throw new ConfigException(found.stream()
                    .sorted(Comparator.comparingInt(Problem::line))
                    .toList());
        }
    }
}
