package io.skywire.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/// Where one local network keeps what it needs to come up again: keys, ports, configurations, logs, the database.
/// ```
///  .skywire/
///    nodes/NAME/       node.yaml, node.key, state/      control-plane/keys/   service.key, setup.key
///    postgres/         the data directory               logs/NAME.log         and the one before: NAME.log.1
///    run/NAME.pid      processes, while they run        web/                  what the demo's web server serves
///    ports.properties  chosen once                      binaries/             PostgreSQL, unpacked
/// ```
/// One launcher at a time: [#open] takes a lock that ends with the process.
final class StateDirectory implements AutoCloseable {
    static final long NEEDED_BYTES = 300L << 20;

    private final Path root;
    private final Path binaries;
    private final FileChannel channel;

    private StateDirectory(Path root, Path binaries, FileChannel channel) {
        this.root = root;
        this.binaries = binaries;
        this.channel = channel;
    }

    /// Opens or makes the directory and ends what a killed launcher left running there.
    ///
    /// @throws MachineLacks if it cannot be written, the disk is full, or another launcher uses it
    static StateDirectory open(Path directory) {
        return open(directory, directory.resolve("binaries"), NEEDED_BYTES);
    }

    /// As [#open(Path)], with PostgreSQL unpacked elsewhere, so that it can be shared, and more disk space asked for.
    static StateDirectory open(Path directory, Path binaries, long neededBytes) {
        Path root = directory.toAbsolutePath().normalize();
        FileChannel channel;
        try {
            for (String part : new String[] {"nodes", "logs", "run", "web", "control-plane"}) {
                Files.createDirectories(root.resolve(part));
            }
            long free = Files.getFileStore(root).getUsableSpace();
            if (free < neededBytes) {
                throw new MachineLacks("the disk is full: " + root + " has " + (free >> 20) + " MB free, "
                        + (neededBytes >> 20) + " MB are needed");
            }
            channel = FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException failure) {
            throw new MachineLacks("cannot write to " + root + ": " + failure + "; check its owner and the disk space");
        }
        StateDirectory state = new StateDirectory(root, binaries.toAbsolutePath(), channel);
        state.lock();
        Leftovers.end(state.run());
        Leftovers.record(state.run(), "launcher", ProcessHandle.current());
        return state;
    }

    private void lock() {
        @Nullable FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (IOException failure) {
            throw new MachineLacks("cannot lock " + root + ": " + failure.getMessage());
        } catch (java.nio.channels.OverlappingFileLockException inThisProcess) {
            lock = null;
        }
        if (lock == null) {
            String who = Leftovers.read(run().resolve("launcher.pid"))
                    .map(process -> " (pid " + process.pid() + ")")
                    .orElse("");
            throw new MachineLacks("another skywire launcher" + who + " uses " + root + ": end it first");
        }
    }

    Path root() {
        return root;
    }

    Path run() {
        return root.resolve("run");
    }

    Path logs() {
        return root.resolve("logs");
    }

    Path log(String process) {
        return logs().resolve(process + ".log");
    }

    Path node(String name) {
        return root.resolve("nodes").resolve(name);
    }

    Path web() {
        return root.resolve("web");
    }

    Path controlPlaneKeys() {
        return root.resolve("control-plane").resolve("keys");
    }

    Path postgres() {
        return root.resolve("postgres");
    }

    Path binaries() {
        return binaries;
    }

    Path ports() {
        return root.resolve("ports.properties");
    }

    @Override
    public void close() {
        Leftovers.forget(run().resolve("launcher.pid"));
        try {
            channel.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Removes a directory and all in it; one that is not there is fine.
    static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                        throws IOException {
                    Files.deleteIfExists(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
