package io.skywire.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The images' build files: pinned, small, nobody's account.
class ImagesTest {
    private static final Map<String, String> COMPONENTS = Map.of("control-plane", "control-plane", "node", "messaging");

    private static final String JAVA = "25.0.3_9";

    @ParameterizedTest
    @ValueSource(strings = {"control-plane", "node"})
    void basesArePinnedAndComeFromAnyRegistry(String name) {
        ImageFile file = ImageFile.of(name);
        List<String> bases = file.instructions().stream()
                .filter(line -> line.startsWith("ARG ") && !line.equals("ARG REGISTRY=\"\""))
                .map(line -> line.substring(line.indexOf('=') + 1))
                .toList();

        assertThat(bases).isNotEmpty().allSatisfy(base -> assertThat(base).matches("[a-z-]+:\\d+\\.\\d+[a-z0-9._-]*"));
        assertThat(file.instructions().stream().filter(line -> line.startsWith("FROM ")))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).matches("FROM \\$\\{REGISTRY}\\$\\{[A-Z]+}( AS [a-z]+)?"));
    }

    @Test
    void bothRunOnTheSameJava() {
        assertThat(ImageFile.of("control-plane").instructions())
                .contains("ARG JRE=eclipse-temurin:" + JAVA + "-jre-noble");
        assertThat(ImageFile.of("node").instructions()).contains("ARG JDK=eclipse-temurin:" + JAVA + "-jdk-noble");
    }

    @ParameterizedTest
    @ValueSource(strings = {"control-plane", "node"})
    void theProcessIsTheChartsUserAndOwnsNothing(String name) {
        ImageFile file = ImageFile.of(name);
        var security = Chart.SKYWIRE
                .render("production")
                .pod(COMPONENTS.get(name))
                .spec()
                .path("securityContext");

        assertThat(file.last("USER"))
                .isEqualTo(security.path("runAsUser").asInt() + ":"
                        + security.path("runAsGroup").asInt());
        assertThat(file.instructions()).noneMatch(line -> line.contains("--chown") || line.startsWith("ADD "));
        assertThat(file.last("WORKDIR")).isEqualTo("/tmp");
        assertThat(file.entrypoint()).startsWith("java");
    }

    @ParameterizedTest
    @CsvSource({"control-plane,8181 8182 9191", "node,7777 7780 9464 9465"})
    void portsAreThoseThatTheChartOpens(String name, String ports) {
        assertThat(ImageFile.of(name).last("EXPOSE")).isEqualTo(ports);
        assertThat(Chart.SKYWIRE
                        .render("production")
                        .pod(COMPONENTS.get(name))
                        .ports()
                        .values())
                .allSatisfy(port -> assertThat(ports).contains(port.toString()));
    }

    @Test
    void theNodesRuntimeIsThatOfItsPackage() throws IOException {
        assertThat(Files.readString(Path.of("../node-package/pom.xml")))
                .contains("<agent.modules>" + ImageFile.of("node").modules() + "</agent.modules>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"control-plane", "node"})
    void onlyWhatIsNeededIsSentToTheBuilder(String name) throws IOException {
        List<String> ignored = Files.readAllLines(ImageFile.IMAGES.resolve(name + ".Dockerfile.dockerignore"));

        assertThat(ignored).first().isEqualTo("*");
        assertThat(ignored).filteredOn(line -> line.startsWith("!")).hasSize(2);
    }
}
