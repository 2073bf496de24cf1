package io.skywire.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.shared.key.KeyPair;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.dataformat.yaml.YAMLMapper;

class RelayConfigFileTest {
    @TempDir
    Path directory;

    @BeforeEach
    void aKey() throws Exception {
        KeyFile.write(directory.resolve("relay.key"), KeyPair.generate(new Random(4)));
    }

    private RelayConfig read(String text) throws Exception {
        return RelayConfigFile.forRunning(Files.writeString(directory.resolve("relay.yaml"), text));
    }

    @Test
    void needsOnlyAKey() throws Exception {
        RelayConfig config = read("key_file: relay.key\n");

        assertThat(config.listen().isLoopback()).isTrue();
        assertThat(config.address()).isEqualTo(config.listen());
        assertThat(config.discovery()).isEmpty();
        assertThat(config.capacity()).isEqualTo(10_000);
        assertThat(config.capacityPerNetwork()).isEqualTo(1_000);
        assertThat(config.rate()).isEmpty();
        assertThat(config.drain()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void theExampleOfThePageIsAConfigAndEveryKeyIsExplained() throws Exception {
        String page = Files.readString(Path.of("../docs/configuration.md"));
        String part = page.substring(page.indexOf("# Configuration of a messaging server"));
        String example = part.substring(part.indexOf("```yaml\n") + 8);
        example = example.substring(0, example.indexOf("```"));

        RelayConfig config = read(example);

        assertThat(config.rate()).contains(new RelayConfig.Rate(2_000, 12_500_000));
        assertThat(new YAMLMapper().readTree(example).propertyNames())
                .hasSize(13)
                .allSatisfy(key -> assertThat(part).contains("| `" + key + "` |"));
    }

    @Test
    void tellsEveryProblemAtOnce() {
        assertThatThrownBy(() -> read("""
                        key_file: nothing.key
                        listen: nowhere
                        discovery: ftp://example.org
                        capacity: 0
                        bytes_per_second: 5
                        colour: blue
                        """))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        told -> assertThat(told.problems())
                                .extracting(ConfigException.Problem::key)
                                .contains("key_file", "listen", "discovery", "capacity", "bytes_per_second", "colour"));
    }

    @Test
    void asksForAnAddressWhereTheDiscoveryIsTold() {
        assertThatThrownBy(() -> read("key_file: relay.key\ndiscovery: https://control.example.org\n"))
                .hasMessageContaining("address: missing");
    }
}
