package io.skywire.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// The chart lints, and with each example it renders what Kubernetes takes.
class ChartTest {
    private static final YAMLMapper YAML = new YAMLMapper();

    @TempDir
    Path directory;

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void lintsWithoutAWarning(String example) {
        LintResult result = Chart.SKYWIRE.copyWith(directory, example).lint();

        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
        assertThat(result.getMessages()).noneMatch(line -> line.contains("[WARNING]") || line.contains("[ERROR]"));
    }

    @Test
    void lintingCanFail() throws IOException {
        Chart broken = Chart.SKYWIRE.copyWith(directory, "");
        Files.writeString(broken.directory().resolve("templates/broken.yaml"), "kind: {{ .Values.no.such.thing }}\n");

        assertThat(broken.lint().isFailed()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void rendersOnlyWhatKubernetesKnows(String example) {
        Manifests manifests = Chart.SKYWIRE.render(example);

        assertThat(manifests.all())
                .hasSizeGreaterThan(8)
                .allSatisfy(manifest -> assertThat(KubernetesApi.refusal(manifest))
                        .as("%s %s", Manifests.kind(manifest), Manifests.name(manifest))
                        .isEmpty());
    }

    @ParameterizedTest
    @MethodSource("io.skywire.deployment.Chart#examples")
    void namesAndLabelsAreThoseThatKubernetesTakes(String example) {
        Set<String> seen = new HashSet<>();
        for (JsonNode manifest : Chart.SKYWIRE.render(example).all()) {
            String name = Manifests.name(manifest);
            assertThat(name).matches("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
            assertThat(seen.add(Manifests.kind(manifest) + " " + name)).as(name).isTrue();
            assertThat(manifest.at("/metadata/namespace").asString()).isEqualTo(Chart.NAMESPACE);
            assertThat(Manifests.labels(manifest))
                    .containsEntry("app.kubernetes.io/instance", Chart.RELEASE)
                    .containsEntry("app.kubernetes.io/part-of", "skywire")
                    .allSatisfy((key, value) ->
                            assertThat(value).as(key).matches("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"));
        }
    }

    @Test
    void longNamesStayNames() {
        Manifests manifests = Chart.SKYWIRE.render("production", "fullnameOverride: " + "a".repeat(60));

        assertThat(manifests.all())
                .allSatisfy(manifest -> assertThat(Manifests.name(manifest)).hasSizeLessThanOrEqualTo(63));
    }

    @Test
    void theExamplesThatAreAskedForAreThere() {
        assertThat(Chart.examples())
                .contains("small", "production", "air-gapped", "cloudnative-pg", "managed-postgresql");
    }

    @Test
    void itsVersionIsTheProgramsVersion() throws IOException {
        String pom = Files.readString(Path.of("../pom.xml"));
        JsonNode chart =
                YAML.readTree(Chart.SKYWIRE.directory().resolve("Chart.yaml").toFile());

        assertThat(pom).contains("<version>" + chart.path("appVersion").asString() + "</version>");
    }

    @Test
    void theNotesSayWhatToDoNext() {
        String notes = Chart.SKYWIRE.notes("air-gapped");

        assertThat(notes)
                .contains("skywire-keys (service.key, setup.key)")
                .contains("helm -n overlay test network")
                .contains("must give 54 connections: 2 replicas and one more during an update, 18 each")
                .doesNotContain("WARNING");
    }
}
