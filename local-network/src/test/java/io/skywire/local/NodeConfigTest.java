package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class NodeConfigTest {
    private static final PublicKey KEY = KeyPair.generate(new Random(1)).publicKey();
    private static final PublicKey PEER = KeyPair.generate(new Random(2)).publicKey();

    @TempDir
    private Path home;

    @Test
    void writesWhatTheNodeReads() throws IOException {
        NodeConfig config = config(home.resolve("n1")).write();

        JsonNode yaml = new YAMLMapper().readTree(Files.readString(config.file()));
        assertThat(yaml.propertyNames())
                .containsExactly(
                        "key_file",
                        "state_dir",
                        "listen",
                        "control_planes",
                        "service_keys",
                        "setup_keys",
                        "transports",
                        "socks",
                        "http_connect",
                        "metrics",
                        "api_socket",
                        "event_loops",
                        "published",
                        "aliases");
        assertThat(yaml.at("/listen").asString()).isEqualTo("127.0.0.1:1");
        assertThat(yaml.at("/control_planes/0/address").asString()).isEqualTo("127.0.0.1:9");
        assertThat(yaml.at("/control_planes/0/tls").asString()).isEqualTo("off");
        assertThat(yaml.at("/transports/0/peer").asString()).isEqualTo(PEER.hex());
        assertThat(yaml.at("/transports/0/address").asString()).isEqualTo("127.0.0.1:7");
        assertThat(yaml.at("/published/0/port").asInt()).isEqualTo(80);
        assertThat(yaml.at("/published/0/target").asString()).isEqualTo("127.0.0.1:8080");
        assertThat(yaml.at("/aliases/n2").asString()).isEqualTo(PEER.hex());
    }

    @Test
    void keepsTheSocketWhereTheKernelCanTakeIt() throws IOException {
        NodeConfig near = config(Path.of("/short/n1"));
        NodeConfig far = config(home.resolve("d".repeat(120)).resolve("n1"));

        assertThat(near.apiSocket()).isEqualTo(Path.of("/short/n1/state/api.sock"));
        assertThat(far.apiSocket().toString()).startsWith("/tmp/skywire-").hasSizeLessThan(100);
        far.write();
        assertThat(Files.getPosixFilePermissions(far.apiSocket().getParent()))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        StateDirectory.delete(far.apiSocket().getParent());
    }

    @Test
    void aKeyFileIsMadeOnceAndBelongsToItsOwner() throws IOException {
        Path file = home.resolve("node.key");
        PublicKey made = KeyFile.adopt(file, new Random(3)).publicKey();

        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(Files.readString(file)).matches("[0-9a-f]{64}\n");
        assertThat(KeyFile.adopt(file, new Random(4)).publicKey()).isEqualTo(made);
    }

    @Test
    void refusesADamagedKeyFileWithoutRepeatingIt() throws IOException {
        Path file = Files.writeString(home.resolve("node.key"), "42bca4df2f31\n");

        assertThatThrownBy(() -> KeyFile.adopt(file, new Random(5)))
                .isInstanceOf(MachineLacks.class)
                .hasMessageContaining(file.toString())
                .message()
                .doesNotContain("42bca4df2f31");
        assertThat(Files.readString(file)).isEqualTo("42bca4df2f31\n");
    }

    private static NodeConfig config(Path directory) {
        return new NodeConfig(
                "n1",
                directory,
                KEY,
                new NodeConfig.Ports(1, 2, 3, 4),
                List.of(9),
                KEY,
                PEER,
                List.of(),
                Map.of(PEER, 7),
                Optional.empty(),
                Map.of(80, 8080),
                Map.of("n2", PEER));
    }
}
