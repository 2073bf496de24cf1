package io.skywire.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// One process that this launcher started: its output goes to a log file, its standard input stays an open pipe, and a
/// record of its pid lets the next start find it if this launcher is killed.
///
/// The child has a process session of its own where `setsid` exists, so that Ctrl-C in the terminal reaches the
/// launcher alone and the children end in order.
public final class ChildProcess {
    private static final int LAST_LINES = 12;

    private final String name;
    private final Process process;
    private final Path log;
    private final Path record;

    private ChildProcess(String name, Process process, Path log, Path record) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.record = record;
    }

    /// Starts a process of a drill or benchmark; its log is `NAME.log` of that run.
    public static ChildProcess start(String name, List<String> command, RunHome home) {
        return start(name, command, home.state());
    }

    static ChildProcess start(String name, List<String> command, StateDirectory state) {
        return start(name, command, Map.of(), state);
    }

    /// With `environment` on top of this process's own: the place for what other users must not see in a list of
    /// processes.
    static ChildProcess start(
            String name, List<String> command, Map<String, String> environment, StateDirectory state) {
        Path log = state.log(name);
        List<String> line = new ArrayList<>();
        Programs.find("setsid").ifPresent(setsid -> line.add(setsid.toString()));
        line.addAll(command);
        try {
            if (Files.exists(log)) {
                Files.move(log, log.resolveSibling(name + ".log.1"), StandardCopyOption.REPLACE_EXISTING);
            }
            ProcessBuilder builder = new ProcessBuilder(line)
                    .directory(state.root().toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            return new ChildProcess(name, process, log, Leftovers.record(state.run(), name, process.toHandle()));
        } catch (IOException failure) {
            throw new MachineLacks("cannot start " + name + ": " + failure.getMessage());
        }
    }

    String name() {
        return name;
    }

    public long pid() {
        return process.pid();
    }

    Path log() {
        return log;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /// @throws NetworkFailure if the process has ended; the message holds the last lines of its log
    public void requireAlive() {
        if (!process.isAlive()) {
            throw new NetworkFailure(name + " ended with code " + process.exitValue() + "; the end of " + log + ":\n"
                    + String.join("\n", lastLines()));
        }
    }

    /// The newest lines of the log, at most a dozen.
    List<String> lastLines() {
        List<String> lines = lines();
        return lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size());
    }

    public List<String> lines() {
        try {
            return new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException unreadable) {
            return List.of("(" + log + " cannot be read: " + unreadable.getMessage() + ")");
        }
    }

    /// Asks the process to end: closes its standard input, then SIGTERM.
    public void signalEnd() {
        try {
            process.getOutputStream().close();
        } catch (IOException alreadyClosed) {
            // the pipe is gone because the process is
        }
        process.destroy();
    }

    /// SIGTERM and nothing else, as an operator would send it.
    void terminate() {
        process.destroy();
    }

    /// SIGTERM, and what an orchestrator does then: it waits for the end, `grace` at most. Answers how long that
    /// took; empty if the process had to be killed.
    Optional<Duration> drain(Duration grace) {
        long begin = System.nanoTime();
        terminate();
        boolean ended = Patience.until(grace, () -> !isAlive());
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        awaitEnd(Duration.ZERO);
        return ended ? Optional.of(took) : Optional.empty();
    }

    /// SIGSTOP: the process is there, its sockets are open, and it does nothing any more.
    void freeze() {
        signal("STOP");
    }

    /// SIGCONT: it goes on.
    void thaw() {
        signal("CONT");
    }

    private void signal(String signal) {
        Outcome outcome =
                run(List.of("sh", "-c", "kill -" + signal + " " + process.pid()), Path.of("/"), Duration.ofSeconds(10));
        if (!outcome.succeeded()) {
            throw new MachineLacks("cannot send SIG" + signal + " to " + name + ": " + outcome.said());
        }
    }

    /// Waits until the process is gone, by force when `grace` is over.
    public void awaitEnd(Duration grace) {
        try {
            if (!process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        if (!process.isAlive()) {
            Leftovers.forget(record);
        }
    }

    /// SIGKILL, as a crash would have it.
    void crash() {
        process.destroyForcibly();
        awaitEnd(Duration.ofSeconds(5));
    }

    public static void endAll(List<ChildProcess> children, Duration grace) {
        children.forEach(ChildProcess::signalEnd);
        long deadline = System.nanoTime() + grace.toNanos();
        for (ChildProcess child : children) {
            child.awaitEnd(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        }
    }

    /// Runs a command to its end and returns what it said.
    ///
    /// @throws NetworkFailure if it takes longer than `limit`
    public static Outcome run(List<String> command, Path directory, Duration limit) {
        try {
            Path out = Files.createTempFile("skywire-", ".out");
            Path err = Files.createTempFile("skywire-", ".err");
            try {
                Process process = new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectInput(ProcessBuilder.Redirect.from(
                                Path.of("/dev/null").toFile()))
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    throw new NetworkFailure(
                            "no answer within " + limit.toSeconds() + " s: " + String.join(" ", command));
                }
                return new Outcome(
                        process.exitValue(),
                        Files.readString(out).strip(),
                        Files.readString(err).strip());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new NetworkFailure("interrupted while waiting for " + command.getFirst());
            } finally {
                Files.deleteIfExists(out);
                Files.deleteIfExists(err);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// How a command ended and what it printed.
    public record Outcome(int code, String out, String err) {
        public boolean succeeded() {
            return code == 0;
        }

        /// Everything it said, for people and for looking into.
        public String said() {
            return (out + "\n" + err).strip();
        }
    }
}
