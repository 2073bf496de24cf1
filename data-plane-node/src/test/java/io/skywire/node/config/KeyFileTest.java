package io.skywire.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.shared.key.KeyPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {
    private final KeyPair keys = KeyPair.generate(new Random(11));

    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve("node.key");
    }

    private String modeOf(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private Stream<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList().stream();
        }
    }

    @Test
    void readsBackWhatItWrote() throws Exception {
        KeyFile.write(file(), keys);

        assertThat(KeyFile.read(file()).publicKey()).isEqualTo(keys.publicKey());
        assertThat(Files.readString(file())).isEqualTo(keys.secret().revealHex() + "\n");
        assertThat(Files.readString(KeyFile.publicFile(file())))
                .isEqualTo(keys.publicKey().hex() + "\n");
    }

    @Test
    void keepsTheSecretForTheOwner() throws Exception {
        KeyFile.write(file(), keys);

        assertThat(modeOf(file())).isEqualTo("rw-------");
        assertThat(names()).containsExactlyInAnyOrder("node.key", "node.key.pub");
    }

    @Test
    void neverOverwrites() throws Exception {
        Files.writeString(file(), "precious");

        assertThatThrownBy(() -> KeyFile.write(file(), keys))
                .isInstanceOf(KeyFileException.class)
                .hasMessage(file() + " is there already and is never overwritten; name another file");
        assertThat(Files.readString(file())).isEqualTo("precious");
        assertThat(names()).containsExactly("node.key");
    }

    @Test
    void neverOverwritesThePublicHalfEither() throws Exception {
        Files.writeString(KeyFile.publicFile(file()), "precious");

        assertThatThrownBy(() -> KeyFile.write(file(), keys)).hasMessageContaining("node.key.pub is there already");
        assertThat(names()).containsExactly("node.key.pub");
    }

    @Test
    void namesThePathThatCannotBeWritten() throws Exception {
        Path missing = directory.resolve("no/such/node.key");
        Files.writeString(directory.resolve("file"), "");
        Path below = directory.resolve("file/node.key");

        assertThatThrownBy(() -> KeyFile.write(missing, keys))
                .hasMessage("cannot write key file " + missing + ": no such file or directory");
        assertThatThrownBy(() -> KeyFile.write(below, keys)).hasMessageStartingWith("cannot write key file " + below);
        assertThatThrownBy(() -> KeyFile.write(Path.of("/proc/node.key"), keys)) // refused to root as well
                .hasMessageStartingWith("cannot write key file /proc/node.key: ");
    }

    /// What a process that is not root's makes of a mounted secret is tried with real processes in module deployment.
    @Test
    void onlyRootMayHandAKeyToAGroupAndNotToItself() {
        assertThat(KeyFile.isHandedByRoot(0, 10001)).isTrue();
        assertThat(KeyFile.isHandedByRoot(0, 0)).isFalse();
        assertThat(KeyFile.isHandedByRoot(10001, 10001)).isFalse();
        assertThat(KeyFile.isHandedByRoot(10002, 10001)).isFalse();
    }

    @Test
    void refusesAFileThatOthersMayRead() throws Exception {
        KeyFile.write(file(), keys);
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw----r--"));

        assertThatThrownBy(() -> KeyFile.read(file()))
                .isInstanceOf(KeyFileException.class)
                .hasMessageContaining("has mode rw----r--")
                .hasMessageContaining("chmod 600 " + file());
    }

    @Test
    void takesAFileThatItsOwnerMayNotEvenWrite() throws Exception {
        KeyFile.write(file(), keys);
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("r--------"));

        assertThat(KeyFile.read(file()).publicKey()).isEqualTo(keys.publicKey());
    }

    @Test
    void saysWhatIsWrongWithTheContentWithoutRepeatingIt() throws Exception {
        KeyFile.write(file(), keys);
        Files.writeString(file(), "not a key");
        assertThatThrownBy(() -> KeyFile.read(file()))
                .hasMessage("key file " + file() + ": a secret key has 64 hex digits, not 9 characters");

        Files.writeString(file(), "zz".repeat(32));
        assertThatThrownBy(() -> KeyFile.read(file()))
                .satisfies(refused -> assertThat(refused.getMessage()).doesNotContain("zz"));

        Files.writeString(file(), "0".repeat(2000));
        assertThatThrownBy(() -> KeyFile.read(file())).hasMessageContaining("too large");
    }

    @Test
    void saysHowToMakeAMissingFile() {
        assertThatThrownBy(() -> KeyFile.read(file()))
                .hasMessage("there is no key file " + file() + "; make one with: skywire node keygen " + file());
    }
}
