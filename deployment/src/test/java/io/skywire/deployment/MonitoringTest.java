package io.skywire.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// Dashboards and alerts reach the cluster as they lie in `files`, templates of their own included.
class MonitoringTest {
    private static final String DASHBOARD = """
        {"title": "One", "panels": [{"legendFormat": "{{ reason }}"}]}
        """;
    private static final String ALERTS = """
        groups:
          - name: one
            rules:
              - alert: Broken
                expr: up == 0
                for: 5m
                labels: {severity: page}
                annotations: {summary: "{{ $labels.instance }} is away, {{ $value }}"}
        """;

    @TempDir
    Path directory;

    @Test
    void theyComeThroughUnchanged() throws IOException {
        Chart chart = Chart.SKYWIRE.copyWith(directory, "");
        Path files = chart.directory().resolve("files");
        Files.createDirectories(files.resolve("dashboards"));
        Files.writeString(files.resolve("dashboards/one_more.json"), DASHBOARD);
        Files.writeString(files.resolve("alerts.yaml"), ALERTS);

        Manifests manifests = chart.render("production");

        JsonNode dashboard = manifests.one("ConfigMap", "dashboard-one-more");
        assertThat(dashboard.path("data").path("one_more.json").asString()).isEqualTo(DASHBOARD.strip());
        assertThat(Manifests.labels(dashboard)).containsEntry("grafana_dashboard", "1");
        JsonNode rule = manifests.one("PrometheusRule", "");
        assertThat(rule.at("/spec/groups"))
                .isEqualTo(new YAMLMapper().readTree(ALERTS).path("groups"));
        assertThat(Manifests.labels(rule)).containsEntry("release", "prometheus");
        assertThat(manifests.all())
                .allSatisfy(one -> assertThat(KubernetesApi.refusal(one)).isEmpty());
    }

    @Test
    void everyFileIsInAConfigMapAndEveryGroupInTheRule() throws IOException {
        Manifests manifests = Chart.SKYWIRE.render("production");
        Path files = Chart.SKYWIRE.directory().resolve("files");
        List<String> dashboards = new ArrayList<>();
        if (Files.isDirectory(files.resolve("dashboards"))) {
            try (Stream<Path> listed = Files.list(files.resolve("dashboards"))) {
                listed.map(file -> file.getFileName().toString()).forEach(dashboards::add);
            }
        }

        assertThat(manifests.of("ConfigMap").stream()
                        .flatMap(one -> Manifests.texts(one.path("data")).keySet().stream())
                        .filter(name -> name.endsWith(".json")))
                .containsExactlyInAnyOrderElementsOf(dashboards);
        assertThat(manifests.of("PrometheusRule"))
                .hasSize(Files.exists(files.resolve("alerts.yaml")) ? 1 : 0)
                .allSatisfy(rule -> assertThat(rule.at("/spec/groups").size()).isPositive());
        assertThat(manifests.one("PrometheusRule", "").findValuesAsString("runbook_url"))
                .isNotEmpty()
                .allMatch(url -> url.startsWith("https://git.example.org/skywire/blob/main/docs/runbooks/"));
        assertThat(Chart.SKYWIRE.render("").all())
                .noneMatch(one -> one.path("apiVersion").asString().startsWith("monitoring.coreos.com"));
    }
}
