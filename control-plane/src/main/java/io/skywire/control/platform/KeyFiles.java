package io.skywire.control.platform;

import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.SecretKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/// The keys of this control plane as files: 64 hex digits each, mode 0600, with the public key in a `.pub` beside.
///
/// A file that is absent is created once, whole or not at all, so that two replicas that start on one directory end up
/// with the same key. A file that is there is never changed. A directory that cannot be written, such as a mounted
/// secret, has to hold both keys; public keys are not put there then.
///
/// A file of root's may be read by its group too where this process is not root's, as PostgreSQL has it: so does an
/// orchestrator hand a secret to one group of processes.
record KeyFiles(KeyPair service, KeyPair setup) implements ServiceKeys {
    private static final int MAX_FILE = 1024;
    private static final Set<PosixFilePermission> SECRET = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> PUBLIC = PosixFilePermissions.fromString("rw-r--r--");
    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");
    private static final int ROOT = 0;

    /// @throws KeyFileException if a file is unreadable, malformed, or can be read by others
    static KeyFiles load(Path directory, RandomGenerator random) {
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new KeyFileException(
                    directory, "the directory cannot be made: " + reason(e), "set skywire.keys-directory", e);
        }
        return new KeyFiles(
                keyPair(directory.resolve("service.key"), random), keyPair(directory.resolve("setup.key"), random));
    }

    private static KeyPair keyPair(Path file, RandomGenerator random) {
        try {
            if (Files.notExists(file)) {
                createOnce(file, KeyPair.generate(random).secret().revealHex(), SECRET);
            }
            KeyPair pair = read(file);
            Path publicFile = file.resolveSibling(file.getFileName().toString().replace(".key", ".pub"));
            if (Files.exists(publicFile) || Files.isWritable(directory(file))) {
                createOnce(publicFile, pair.publicKey().hex(), PUBLIC);
            } else {
                return pair;
            }
            if (!content(publicFile).equalsIgnoreCase(pair.publicKey().hex())) {
                throw new KeyFileException(
                        publicFile,
                        "does not hold the public key of " + file.getFileName(),
                        "delete it if the secret key is the right one");
            }
            return pair;
        } catch (IOException e) {
            throw new KeyFileException(
                    file, "cannot be read or written: " + reason(e), "check owner, mode and free space", e);
        }
    }

    private static KeyPair read(Path file) throws IOException {
        Set<PosixFilePermission> open = EnumSet.copyOf(OTHERS);
        open.retainAll(Files.getPosixFilePermissions(file));
        if (isHandedByRoot(uid(file), processUid())) {
            open.remove(PosixFilePermission.GROUP_READ);
        }
        if (!open.isEmpty()) {
            throw new KeyFileException(
                    file,
                    "others may use it, its mode is "
                            + PosixFilePermissions.toString(Files.getPosixFilePermissions(file)),
                    "run chmod 600 on it, and make a new key if somebody else may have read it");
        }
        try {
            return KeyPair.of(SecretKey.parse(content(file)));
        } catch (InvalidKeyException malformed) {
            throw new KeyFileException(
                    file,
                    String.valueOf(malformed.getMessage()),
                    "restore it from a backup, or move it away to get a new key",
                    malformed);
        }
    }

    /// Whether the owner of a file is root, and the process is somebody else.
    static boolean isHandedByRoot(int owner, int process) {
        return owner == ROOT && process != ROOT;
    }

    /// Root's where it cannot be told: then nothing is handed by root.
    private static int processUid() throws IOException {
        Path self = Path.of("/proc/self");
        return Files.exists(self) ? uid(self) : ROOT;
    }

    private static int uid(Path file) throws IOException {
        return Files.getAttribute(file, "unix:uid") instanceof Integer uid ? uid : ROOT;
    }

    private static String content(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE);
            return new String(bytes, StandardCharsets.US_ASCII).strip();
        }
    }

    /// Writes a temporary file and links it under its name: the name never shows a half-written key.
    private static void createOnce(Path file, String line, Set<PosixFilePermission> mode) throws IOException {
        if (Files.exists(file)) {
            return;
        }
        Path directory = directory(file);
        Path temporary = Files.createTempFile(directory, ".new-", ".tmp", PosixFilePermissions.asFileAttribute(SECRET));
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.setPosixFilePermissions(temporary, mode);
            Files.createLink(file, temporary);
        } catch (FileAlreadyExistsException anotherReplicaWasFirst) {
            return;
        } finally {
            Files.deleteIfExists(temporary);
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Path directory(Path file) throws NoSuchFileException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            throw new NoSuchFileException(file.toString());
        }
        return directory;
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    @Override
    public String toString() {
        return "KeyFiles(service " + service.publicKey() + ", setup " + setup.publicKey() + ")";
    }
}
