package io.skywire.local.drill;

import io.skywire.local.NetworkFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs promtool and keeps what it complained of.
final class Promtool {
    private static final Duration MOST = Duration.ofMinutes(3);

    private final Path program;
    private final Path log;
    private final List<String> complaints = new ArrayList<>();

    /// @param log what it says, of the last run
    Promtool(Path program, Path log) {
        this.program = program;
        this.log = log;
    }

    /// Runs `promtool` with these arguments.
    void run(String... arguments) {
        run(new ProcessBuilder(command(arguments)));
    }

    /// The same with a file on its standard input.
    void runOver(Path input, String... arguments) {
        run(new ProcessBuilder(command(arguments)).redirectInput(input.toFile()));
    }

    /// Nothing: it was content each time.
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    private List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private void run(ProcessBuilder builder) {
        try {
            Process process = builder.redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (!process.waitFor(MOST.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                complaints.add(String.join(" ", builder.command()) + " takes longer than " + MOST.toSeconds() + " s");
            } else if (process.exitValue() != 0) {
                complaints.add(String.join(
                                " ",
                                builder.command().subList(1, builder.command().size())) + ": "
                        + Files.readString(log).strip().replace('\n', ' '));
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new NetworkFailure("interrupted");
        }
    }
}
