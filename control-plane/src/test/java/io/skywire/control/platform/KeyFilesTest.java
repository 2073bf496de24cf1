package io.skywire.control.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.shared.key.KeyPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeyFilesTest {
    @TempDir
    Path home;

    private ServiceKeys load() {
        return KeyFiles.load(home.resolve("keys"), new SplittableRandom(3));
    }

    @Test
    void makesBothKeysAtFirstStartAndKeepsThem() throws IOException {
        ServiceKeys first = load();
        ServiceKeys second = KeyFiles.load(home.resolve("keys"), new SplittableRandom(4));

        assertThat(second.service().publicKey()).isEqualTo(first.service().publicKey());
        assertThat(second.setup().publicKey()).isEqualTo(first.setup().publicKey());
        assertThat(first.setup().publicKey()).isNotEqualTo(first.service().publicKey());
        for (String name : List.of("service", "setup")) {
            Path key = home.resolve("keys").resolve(name + ".key");
            Path publicKey = home.resolve("keys").resolve(name + ".pub");
            KeyPair pair = name.equals("service") ? first.service() : first.setup();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                    .isEqualTo("rw-------");
            assertThat(Files.readString(key)).isEqualTo(pair.secret().revealHex() + "\n");
            assertThat(Files.readString(publicKey)).isEqualTo(pair.publicKey().hex() + "\n");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("keys"))))
                .isEqualTo("rwx------");
        try (var files = Files.list(home.resolve("keys"))) {
            assertThat(files).as("no temporary file is left").hasSize(4);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw------x"})
    void refusesAKeyThatOthersMayUse(String mode) throws IOException {
        load();
        Path key = home.resolve("keys").resolve("setup.key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString(mode));

        assertThatThrownBy(this::load)
                .isInstanceOf(KeyFileException.class)
                .hasMessageContaining(key.toString())
                .hasMessageContaining(mode)
                .hasMessageContaining("chmod 600");
    }

    /// What a process that is not root's makes of a mounted secret is tried with real processes in module deployment.
    @Test
    void onlyRootMayHandAKeyToAGroupAndNotToItself() {
        assertThat(KeyFiles.isHandedByRoot(0, 10001)).isTrue();
        assertThat(KeyFiles.isHandedByRoot(0, 0)).isFalse();
        assertThat(KeyFiles.isHandedByRoot(10001, 10001)).isFalse();
        assertThat(KeyFiles.isHandedByRoot(10002, 10001)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not a key",
                "00",
                "0000000000000000000000000000000000000000000000000000000000000000",
                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "zz11223344556677889900112233445566778899001122334455667788990011"
            })
    void refusesAMalformedKeyAndDoesNotRepeatIt(String content) throws IOException {
        load();
        Path key = home.resolve("keys").resolve("service.key");
        Files.writeString(key, content);

        assertThatThrownBy(this::load)
                .isInstanceOf(KeyFileException.class)
                .hasMessageContaining(key.toString())
                .satisfies(e -> {
                    if (content.length() > 8) {
                        assertThat(e.getMessage()).doesNotContain(content);
                    }
                });
        assertThat(Files.readString(key)).as("a bad file is left as it is").isEqualTo(content);
    }

    @Test
    void refusesADirectoryInPlaceOfAKey() throws IOException {
        load();
        Path key = home.resolve("keys").resolve("service.key");
        Files.delete(key);
        Files.createDirectory(key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));

        assertThatThrownBy(this::load)
                .isInstanceOf(KeyFileException.class)
                .hasMessageContaining(key.toString())
                .hasMessageContaining("cannot be read");
    }

    @Test
    void refusesAFileInPlaceOfTheDirectory() throws IOException {
        Files.writeString(home.resolve("keys"), "");

        assertThatThrownBy(this::load)
                .isInstanceOf(KeyFileException.class)
                .hasMessageContaining("skywire.keys-directory");
    }

    @Test
    void refusesAPublicKeyThatIsAnothers() throws IOException {
        load();
        Path publicKey = home.resolve("keys").resolve("service.pub");
        Files.writeString(publicKey, Files.readString(home.resolve("keys").resolve("setup.pub")));

        assertThatThrownBy(this::load).isInstanceOf(KeyFileException.class).hasMessageContaining(publicKey.toString());
    }

    @Test
    void replicasThatStartTogetherEndUpWithOneKey() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<ServiceKeys>> replicas = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                long seed = 100 + i;
                replicas.add(threads.submit(() -> KeyFiles.load(home.resolve("keys"), new SplittableRandom(seed))));
            }
            List<String> keys = new ArrayList<>();
            for (Future<ServiceKeys> replica : replicas) {
                keys.add(replica.get(30, TimeUnit.SECONDS).service().publicKey().hex());
            }
            assertThat(keys).hasSize(8).containsOnly(keys.getFirst());
        }
    }

    @Test
    void printsNoSecret() {
        ServiceKeys keys = load();

        assertThat(keys.toString())
                .doesNotContain(keys.service().secret().revealHex())
                .doesNotContain(keys.setup().secret().revealHex())
                .contains(keys.service().publicKey().hex());
    }
}
