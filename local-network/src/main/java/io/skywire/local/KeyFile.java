package io.skywire.local;

import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.SecretKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.random.RandomGenerator;

/// A node's secret key on disk: 64 hex digits and a newline, readable by its owner only.
public final class KeyFile {
    private KeyFile() {}

    /// Reads the file, or makes it with a fresh key.
    public static KeyPair adopt(Path file, RandomGenerator random) {
        try {
            if (Files.exists(file)) {
                return KeyPair.of(SecretKey.parse(Files.readString(file).strip()));
            }
            KeyPair pair = KeyPair.generate(random);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(
                    file,
                    (pair.secret().revealHex() + "\n").getBytes(StandardCharsets.US_ASCII),
                    StandardOpenOption.WRITE);
            return pair;
        } catch (InvalidKeyException damaged) {
            throw new MachineLacks(
                    file + " is not a key file: " + damaged.getMessage() + "; restore it, or delete it for a new key");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
