package io.skywire.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// `docs/configuration.md` shows a file that works and explains every key in it.
class ConfigurationPageTest {
    @TempDir
    Path directory;

    @Test
    void theExampleIsAConfigAndEveryKeyIsExplained() throws Exception {
        String page = Files.readString(Path.of("../docs/configuration.md"));
        String example = page.substring(page.indexOf("```yaml\n") + 8);
        example = example.substring(0, example.indexOf("```"));

        Path file = Files.writeString(directory.resolve("node.yaml"), example);
        NodeConfig config = ConfigFile.forAsking(file);

        assertThat(config.published()).hasSize(2);
        assertThat(new YAMLMapper().readTree(example).propertyNames())
                .hasSize(24)
                .allSatisfy(key -> assertThat(page).contains("| `" + key + "` |"));
    }
}
