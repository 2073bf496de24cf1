package io.skywire.node.api;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
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

/// The right to a Unix socket's path: a lock on the file beside it, which the kernel drops when the process dies. Who
/// holds it may remove what a dead process left.
final class SocketFile implements AutoCloseable {
    private final Path path;
    private final FileChannel lockFile;

    private SocketFile(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /// @throws ApiStartException if another process holds it, or something else stands there
    static SocketFile claim(Path path) throws ApiStartException {
        FileChannel channel;
        try {
            channel = FileChannel.open(
                    path.resolveSibling(path.getFileName() + ".lock"),
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
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
            if (lock == null || isAnswered()) {
                throw alreadyRunning();
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
        } catch (OverlappingFileLockException heldInThisProcess) {
            throw alreadyRunning();
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

    private ApiStartException alreadyRunning() {
        return new ApiStartException("already running: a node answers at " + path + "; stop it first");
    }

    /// Nobody but the owner may open the socket.
    void restrict() throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }

    @Override
    public void close() {
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
