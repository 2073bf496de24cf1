package io.skywire.node.api;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/// The right to a Unix socket's path: a lock on the file beside it, which the kernel drops when the process dies. Who
/// holds it may remove what a dead process left; its process id stands in the file. One node runs per path, so claim it
/// before anything else of the node is opened.
public final class SocketFile implements AutoCloseable {
    /// A process id in decimal and a line end.
    private static final int MOST_PID_BYTES = 20;

    private final Path path;
    private final FileChannel lockFile;
    private final AtomicBoolean closed = new AtomicBoolean();

    private SocketFile(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /// @throws ApiStartException if another process holds it (the message names it), or something else stands there
    public static SocketFile claim(Path path) throws ApiStartException {
        FileChannel channel;
        try {
            channel = FileChannel.open(
                    path.resolveSibling(path.getFileName() + ".lock"),
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException unwritable) {
            throw new ApiStartException("cannot make the API socket " + path + ": " + unwritable);
        }
        SocketFile claimed = new SocketFile(path, channel);
        try {
            claimed.takeOver();
            return claimed;
        } catch (ApiStartException | RuntimeException refused) {
            claimed.unlock();
            throw refused;
        }
    }

    private void takeOver() throws ApiStartException {
        try {
            FileLock lock = lockFile.tryLock();
            if (lock == null) {
                throw alreadyRunning(holder());
            }
            if (isAnswered()) {
                throw new ApiStartException(
                        "a program that is no node answers at " + path + "; end it, or choose another api_socket");
            }
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                BasicFileAttributes what =
                        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                if (!what.isOther()) {
                    throw new ApiStartException(
                            path + " is no socket and is left alone; remove it, or choose another" + " api_socket");
                }
                Files.delete(path);
            }
            lockFile.truncate(0);
            lockFile.write(US_ASCII.encode(ProcessHandle.current().pid() + "\n"), 0);
        } catch (OverlappingFileLockException heldInThisProcess) {
            throw alreadyRunning(" (pid " + ProcessHandle.current().pid() + ")");
        } catch (IOException unusable) {
            throw new ApiStartException("cannot make the API socket " + path + ": " + unusable);
        }
    }

    /// The lock alone does not see a program that is no node.
    private boolean isAnswered() {
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return probe.isConnected();
        } catch (IOException nobody) {
            return false;
        }
    }

    /// Who holds the lock, for people; empty while it is not written yet.
    private String holder() throws IOException {
        ByteBuffer text = ByteBuffer.allocate(MOST_PID_BYTES);
        lockFile.read(text, 0);
        String pid = US_ASCII.decode(text.flip()).toString().strip();
        return pid.matches("[0-9]+") ? " (pid " + pid + ")" : "";
    }

    private ApiStartException alreadyRunning(String holder) {
        return new ApiStartException("already running" + holder + ": a node holds " + path + "; stop it first");
    }

    Path path() {
        return path;
    }

    /// Nobody but the owner may open the socket.
    void restrict() throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }

    /// Removes the socket and gives the right back. A second call does nothing.
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            Files.deleteIfExists(path);
        } catch (IOException leftover) {
            // the next start removes it
        }
        unlock();
    }

    private void unlock() {
        try {
            lockFile.close();
        } catch (IOException released) {
            // the lock goes with the descriptor either way
        }
    }
}
