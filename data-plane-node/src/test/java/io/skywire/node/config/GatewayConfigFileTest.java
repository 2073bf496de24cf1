package io.skywire.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.shared.key.KeyPair;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayConfigFileTest {
    @TempDir
    Path directory;

    @BeforeEach
    void aKey() throws Exception {
        KeyFile.write(directory.resolve("gateway.key"), KeyPair.generate(new SecureRandom()));
    }

    private GatewayConfig read(String text) throws Exception {
        return GatewayConfigFile.forRunning(Files.writeString(directory.resolve("gateway.yaml"), text));
    }

    @Test
    void thePageShowsAWholeFile() throws Exception {
        String page = Files.readString(Path.of("../docs/configuration.md"));
        String section = page.substring(page.indexOf("# Configuration of a gateway"));
        String example = section.substring(section.indexOf("```yml\n") + 7);

        GatewayConfig config = read(example.substring(0, example.indexOf("```")));

        assertThat(config.controlPlane()).hasToString("control.example.org:443");
        assertThat(config.capacityPerKey()).isEqualTo(3);
        assertThat(config.idle()).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void tellsEveryProblemAtOnce() {
        assertThatThrownBy(() -> read("key_file: nowhere.key\ncapacity: 0\ncontrol_plane: here:0\ndoor: 1\n"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("key_file")
                .hasMessageContaining("discovery: missing")
                .hasMessageContaining("capacity")
                .hasMessageContaining("a port lies between 1 and 65535, not 0")
                .hasMessageContaining("door: unknown key");
    }

    @Test
    void aNodeNamesGatewaysOnlyWhereItHasMessaging() throws Exception {
        String key = KeyPair.generate(new SecureRandom()).publicKey().hex();
        Path file = Files.writeString(directory.resolve("node.yaml"), """
                key_file: node.key
                state_dir: s
                control_planes: [{address: '127.0.0.1:1', tls: off}]
                service_keys: [%s]
                setup_keys: [%s]
                gateways: [%s]
                transports: [{peer: %s, address: '127.0.0.1:2'}]
                """.formatted(key, key, key, key));

        assertThatThrownBy(() -> ConfigFile.forAsking(file))
                .hasMessageContaining("gateways: a gateway is reached through messaging servers; write messaging too")
                .hasMessageContaining("transports: a gateway forwards nothing; name it in gateways only");
    }
}
