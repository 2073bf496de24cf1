package io.skywire.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The state directory of one demo, drill or benchmark: made empty, removed when all held, else only its logs stay.
///
/// What a killed launcher left behind is ended and removed by the next run of the same kind, but for its logs: the logs
/// of a run that failed stay until one of the same name begins. A signal (Ctrl-C, SIGTERM) ends the processes first and
/// then closes this. Safe for the main thread and the hook of a signal.
public final class RunHome implements AutoCloseable {
    private final Path directory;
    private final StateDirectory state;
    private @Nullable Thread onSignal;
    private boolean closed;

    private RunHome(Path directory, StateDirectory state) {
        this.directory = directory;
        this.state = state;
    }

    /// @param kind the folder under `.skywire`, as `demo`
    /// @param neededBytes free disk space without which the run would fail half-way
    /// @throws MachineLacks if the disk is full or cannot be written
    public static RunHome open(String kind, String name, long neededBytes) {
        Path all = UpCommand.home().resolve(kind);
        clearDead(all, name);
        Path directory = all.resolve(name + "-" + ProcessHandle.current().pid());
        return new RunHome(
                directory, StateDirectory.open(directory, UpCommand.home().resolve("binaries"), neededBytes));
    }

    StateDirectory state() {
        return state;
    }

    /// Where the logs of the processes are.
    public Path logs() {
        return state.logs();
    }

    /// A folder for what the run itself writes, removed with the rest.
    public Path scratch() {
        return state.web();
    }

    /// What a signal ends before the directory goes.
    public synchronized void endOnSignal(Runnable end) {
        Thread hook = new Thread(
                () -> {
                    end.run();
                    keepLogs();
                },
                "ends-run");
        Runtime.getRuntime().addShutdownHook(hook);
        onSignal = hook;
    }

    /// All held: nothing stays. Call it after the processes have ended.
    public synchronized void remove() {
        if (!closed) {
            closed = true;
            dismissHook();
            state.close();
            StateDirectory.delete(directory);
        }
    }

    /// Unless removed: the logs stay, everything else goes.
    @Override
    public void close() {
        dismissHook();
        keepLogs();
    }

    private synchronized void keepLogs() {
        if (!closed) {
            closed = true;
            state.close();
            removeAllButLogs(directory);
        }
    }

    private synchronized void dismissHook() {
        if (onSignal == null) {
            return;
        }
        try {
            Runtime.getRuntime().removeShutdownHook(onSignal);
        } catch (IllegalStateException endingAlready) {
            // the hook is at work
        }
    }

    private static void clearDead(Path all, String name) {
        forEachIn(all, home -> {
            if (Leftovers.read(home.resolve("run").resolve("launcher.pid")).isEmpty()) {
                if (Files.isDirectory(home.resolve("run"))) {
                    Leftovers.end(home.resolve("run"));
                }
                EmbeddedDatabase.endLeftOver(home.resolve("postgres"));
                if (String.valueOf(home.getFileName()).matches(Pattern.quote(name) + "-[0-9]+")) {
                    StateDirectory.delete(home);
                } else {
                    removeAllButLogs(home);
                }
            }
        });
    }

    private static void removeAllButLogs(Path home) {
        forEachIn(home, part -> {
            if (!String.valueOf(part.getFileName()).equals("logs")) {
                remove(part);
            }
        });
    }

    private static void remove(Path part) {
        if (Files.isDirectory(part)) {
            StateDirectory.delete(part);
        } else {
            Leftovers.forget(part);
        }
    }

    private static void forEachIn(Path directory, Consumer<Path> visit) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
            children.forEach(visit);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
