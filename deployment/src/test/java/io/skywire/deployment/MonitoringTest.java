package io.skywire.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
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

    private static final String PLANES = "skywire:control_planes:wanted";
    private static final String SERVERS = "skywire:messaging_servers:wanted";

    /// An aggregation with what it aggregates by; `vector(` as it has no labels at all.
    private static final Pattern AGGREGATION =
            Pattern.compile("\\b(?:sum|min|max|avg|count|quantile)(?: by \\([^)]*\\))? ?\\(|\\bvector\\(");

    /// A metric of ours or of a library, with its matchers.
    private static final Pattern SELECTOR =
            Pattern.compile("\\b((?:skywire[_:]|jvm_|process_|http_|hikaricp_|logback_)[a-zA-Z0-9_:]*)(\\{[^}]*})?");

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

    /// What the file can only guess from the past, the chart knows. Without a ServiceMonitor nothing says that numbers
    /// of this release carry its namespace.
    @Test
    void theRuleKnowsHowManyThereShouldBe() {
        Manifests production = Chart.SKYWIRE.render("production");
        Manifests fixed = Chart.SKYWIRE.render("production", """
                controlPlane: {replicas: 4, autoscaling: {enabled: false}}
                messaging: {enabled: false}
                """);
        Manifests scrapedOtherwise =
                Chart.SKYWIRE.render("production", "monitoring: {serviceMonitor: {enabled: false}}");

        assertThat(recorded(production, PLANES)).containsExactly("vector(3)", Chart.NAMESPACE);
        assertThat(recorded(production, SERVERS)).containsExactly("vector(2)", Chart.NAMESPACE);
        assertThat(recorded(fixed, PLANES)).containsExactly("vector(4)", Chart.NAMESPACE);
        assertThat(recorded(fixed, SERVERS)).containsExactly("vector(0)", Chart.NAMESPACE);
        assertThat(recorded(scrapedOtherwise, PLANES)).first().asString().contains("_over_time(");
        assertThat(recorded(scrapedOtherwise, SERVERS)).first().asString().contains("_over_time(");
        assertThat(KubernetesApi.refusal(production.one("PrometheusRule", ""))).isEmpty();
    }

    /// The expression and the namespace that is recorded with it.
    private static List<String> recorded(Manifests manifests, String name) {
        JsonNode rule = Manifests.items(manifests.one("PrometheusRule", "").at("/spec/groups"))
                .flatMap(group -> Manifests.items(group.path("rules")))
                .filter(one -> one.path("record").asString("").equals(name))
                .findAny()
                .orElseThrow(() -> new AssertionError("nothing is recorded as " + name));
        return List.of(
                rule.path("expr").asString(""), rule.at("/labels/namespace").asString(""));
    }

    @Test
    void alertsTellNetworksOfOnePrometheusApart() throws IOException {
        JsonNode groups = new YAMLMapper()
                .readTree(Chart.SKYWIRE.directory().resolve("files/alerts.yaml").toFile())
                .path("groups");

        assertThat(groups.findValuesAsString("expr"))
                .hasSizeGreaterThan(40)
                .allSatisfy(expression -> assertThat(
                                AGGREGATION.matcher(expression).results().map(MatchResult::group))
                        .as(expression)
                        .allMatch(aggregation -> aggregation.contains("by (namespace")));
    }

    /// Nodes run on their operators' machines and belong to no release.
    @Test
    void dashboardsShowTheNamespaceThatIsChosen() throws IOException {
        int asked = 0;
        try (Stream<Path> files = Files.list(Chart.SKYWIRE.directory().resolve("files/dashboards"))) {
            for (Path file : files.toList()) {
                JsonNode dashboard = new JsonMapper().readTree(file.toFile());
                for (String expression : dashboard.path("panels").findValuesAsString("expr")) {
                    for (MatchResult selector :
                            SELECTOR.matcher(expression).results().toList()) {
                        if (!selector.group(1).startsWith("skywire_node_")) {
                            asked++;
                            assertThat(selector.group())
                                    .as("%s: %s", file, expression)
                                    .contains("namespace=~\"$namespace\"");
                        }
                    }
                }
                if (dashboard.toString().contains("=~\\\"$namespace\\\"")) {
                    assertThat(Manifests.items(dashboard.at("/templating/list"))
                                    .map(variable -> variable.path("name").asString("")))
                            .as("%s", file)
                            .contains("namespace");
                }
            }
        }

        assertThat(asked).isGreaterThan(100);
    }
}
