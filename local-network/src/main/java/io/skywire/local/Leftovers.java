package io.skywire.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Processes of a launcher that was killed: found by the pid and the start time that it wrote down, and ended.
///
/// A pid alone is not enough, because the system gives it to another process later.
final class Leftovers {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private Leftovers() {}

    /// Writes down that `process` belongs to this network; the file is `<name>.pid`.
    static Path record(Path directory, String name, ProcessHandle process) {
        Path file = directory.resolve(name + ".pid");
        try {
            Files.writeString(file, process.pid() + " " + startOf(process) + "\n");
        } catch (IOException failure) {
            process.destroyForcibly();
            throw new UncheckedIOException(failure);
        }
        return file;
    }

    static void forget(Path record) {
        try {
            Files.deleteIfExists(record);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// The process that a record names, if it still runs and is the same one.
    static Optional<ProcessHandle> read(Path record) {
        try {
            String[] parts = Files.readString(record).strip().split(" ", -1);
            if (parts.length != 2) {
                return Optional.empty();
            }
            return ProcessHandle.of(Long.parseLong(parts[0]))
                    .filter(ProcessHandle::isAlive)
                    .filter(process -> startOf(process).equals(parts[1]));
        } catch (IOException | NumberFormatException unreadable) {
            return Optional.empty();
        }
    }

    /// Ends whatever the records in `directory` name, and the records with it. Returns how many processes there were.
    static int end(Path directory) {
        int ended = 0;
        try (DirectoryStream<Path> records = Files.newDirectoryStream(directory, "*.pid")) {
            for (Path record : records) {
                Optional<ProcessHandle> left = read(record).filter(process -> process.pid() != self());
                if (left.isPresent()) {
                    end(left.get());
                    ended++;
                }
                forget(record);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return ended;
    }

    private static void end(ProcessHandle process) {
        process.destroy();
        if (!Patience.until(GRACE, () -> !process.isAlive())) {
            process.destroyForcibly();
            Patience.until(GRACE, () -> !process.isAlive());
        }
    }

    private static long self() {
        return ProcessHandle.current().pid();
    }

    private static String startOf(ProcessHandle process) {
        return process.info()
                .startInstant()
                .map(Instant::toEpochMilli)
                .map(String::valueOf)
                .orElse("unknown");
    }
}
