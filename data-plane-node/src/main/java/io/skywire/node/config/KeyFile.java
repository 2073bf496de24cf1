package io.skywire.node.config;

import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.SecretKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// The file that holds a node's secret key: 64 hex digits and a line end, mode 0600. The public key stands beside it in
/// a file with `.pub` appended to the name.
///
/// A file of root's may be read by its group too where this process is not root's, as PostgreSQL has it: so does an
/// orchestrator hand a secret to one group of processes.
public final class KeyFile {
    private static final long LARGEST_FILE = 1024;
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> PUBLIC =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"));
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_AND_GROUP = PosixFilePermissions.fromString("rwxr-----");
    private static final int ROOT = 0;

    private KeyFile() {}

    /// Where the public key of this key file stands.
    public static Path publicFile(Path file) {
        return file.resolveSibling(file.getFileName() + ".pub");
    }

    /// @throws KeyFileException if the file is missing, open to others, or holds no secret key
    public static KeyPair read(Path file) throws KeyFileException {
        requirePrivate(file);
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw new KeyFileException(file, "key file " + file + " is too large to be one");
            }
            return KeyPair.of(SecretKey.parse(
                    Files.readString(file, StandardCharsets.ISO_8859_1).strip()));
        } catch (InvalidKeyException invalid) {
            throw new KeyFileException(file, "key file " + file + ": " + invalid.getMessage());
        } catch (IOException unreadable) {
            throw new KeyFileException(file, "cannot read key file " + file + ": " + Reasons.of(unreadable));
        }
    }

    /// Writes a new key file, and its public half beside it. The file is there whole or not at all.
    ///
    /// @throws KeyFileException if one of the files is there already, or cannot be written
    public static void write(Path file, KeyPair keys) throws KeyFileException {
        Path target = file.toAbsolutePath();
        requireAbsent(target);
        requireAbsent(publicFile(target));
        writeNew(target, keys.secret().revealHex() + "\n", PRIVATE);
        writeNew(publicFile(target), keys.publicKey().hex() + "\n", PUBLIC);
    }

    static void requirePrivate(Path file) throws KeyFileException {
        Set<PosixFilePermission> mode;
        boolean handedByRoot;
        try {
            mode = Files.getPosixFilePermissions(file);
            handedByRoot = isHandedByRoot(uid(file), processUid());
        } catch (NoSuchFileException missing) {
            throw new KeyFileException(
                    file, "there is no key file " + file + "; make one with: skywire node keygen " + file);
        } catch (IOException unreadable) {
            throw new KeyFileException(file, "cannot read key file " + file + ": " + Reasons.of(unreadable));
        } catch (UnsupportedOperationException noModes) {
            throw new KeyFileException(file, "key file " + file + " is on a file system without modes; move it");
        }
        if (!(handedByRoot ? OWNER_AND_GROUP : OWNER).containsAll(mode)) {
            throw new KeyFileException(
                    file,
                    "key file " + file + " has mode " + PosixFilePermissions.toString(mode)
                            + ", and only its owner may read it; do: chmod 600 " + file);
        }
        if (!Files.isRegularFile(file)) {
            throw new KeyFileException(file, "key file " + file + " is not a regular file");
        }
        if (!Files.isReadable(file)) {
            throw new KeyFileException(file, "cannot read key file " + file + ": permission denied");
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

    private static void requireAbsent(Path file) throws KeyFileException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw present(file);
        }
    }

    private static KeyFileException present(Path file) {
        return new KeyFileException(file, file + " is there already and is never overwritten; name another file");
    }

    private static void writeNew(Path target, String text, FileAttribute<Set<PosixFilePermission>> mode)
            throws KeyFileException {
        Path directory = target.getParent();
        try {
            Path draft = Files.createTempFile(directory, ".key", ".new", mode);
            try {
                try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
                    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                    channel.force(true);
                }
                Files.createLink(target, draft); // unlike a rename, a link never replaces a file that came meanwhile
            } finally {
                Files.deleteIfExists(draft);
            }
        } catch (FileAlreadyExistsException there) {
            throw present(target);
        } catch (IOException | UnsupportedOperationException unwritable) {
            String reason = unwritable instanceof IOException io ? Reasons.of(io) : "its file system has no links";
            throw new KeyFileException(target, "cannot write key file " + target + ": " + reason);
        }
    }
}
