package io.skywire.node.config;

import java.util.List;
import java.util.stream.Collectors;

/// A config file that cannot be used. The message holds one line for each [Problem]; nothing was changed.
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    ConfigException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /// In the order of the file; never empty.
    public List<Problem> problems() {
        return problems;
    }

    /// One thing to correct.
    ///
    /// @param file as the operator named it
    /// @param line counted from 1; 0 where the file as a whole is meant
    /// @param key the path of the key, such as `transports[0].peer`; empty where the file as a whole is meant
    /// @param text what is expected, and what stands there
    public record Problem(String file, int line, String key, String text) {
        @Override
        public String toString() {
            return file + ":" + (line > 0 ? line + ":" : "") + " " + (key.isEmpty() ? "" : key + ": ") + text;
        }
    }
}
