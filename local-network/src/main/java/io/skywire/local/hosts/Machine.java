package io.skywire.local.hosts;

import io.skywire.local.MachineLacks;
import io.skywire.local.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs the machine's own programs to their end.
final class Machine {
    private Machine() {}

    /// How a program ended, and all that it printed.
    record Outcome(int code, String out, String err) {
        boolean succeeded() {
            return code == 0;
        }
    }

    /// A program's full path.
    ///
    /// @throws MachineLacks if it is missing; the message says what to install
    static String program(String name, String packageName) {
        return Programs.find(name)
                .map(Path::toString)
                .orElseThrow(() -> new MachineLacks(name + " is needed for hosts of their own and is not on"
                        + " the PATH: install it, for example with apt-get install " + packageName));
    }

    /// @throws IllegalStateException if it does not end in time
    static Outcome run(List<String> command, Duration limit) {
        try {
            Path out = Files.createTempFile("skywire-hosts-", ".out");
            Path err = Files.createTempFile("skywire-hosts-", ".err");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    throw new IllegalStateException(
                            "no end within " + limit.toSeconds() + " s: " + String.join(" ", command));
                }
                return new Outcome(process.exitValue(), text(out), text(err));
            } finally {
                Files.deleteIfExists(out);
                Files.deleteIfExists(err);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + command.getFirst(), interrupted);
        }
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
    }
}
