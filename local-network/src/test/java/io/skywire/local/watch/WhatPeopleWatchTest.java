package io.skywire.local.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Dashboards, alerts, runbooks and the page of metrics agree; without a Prometheus.
class WhatPeopleWatchTest {
    private static final Path ROOT = Path.of("..");
    private static final Path RUNBOOKS = ROOT.resolve("docs/runbooks");
    private static final Path FILES = ROOT.resolve("helm/skywire/files");
    private static final Pattern PLACE = Pattern.compile("Dashboard \\*\\*([^*]+)\\*\\*|panel \\*\\*([^*]+)\\*\\*");
    private static final Pattern NODE_COMMAND = Pattern.compile("\\./skywire node ([a-z]+)");
    private static final Pattern LINK = Pattern.compile("\\]\\(([A-Za-z]+\\.md)\\)");

    private final RuleFile rules = RuleFile.read(FILES.resolve("alerts.yaml"));
    private final List<Dashboard> dashboards = Dashboard.all(FILES.resolve("dashboards"));

    @Test
    void everyAlertHasItsRunbookAndEveryRunbookItsAlert() throws IOException {
        try (Stream<Path> pages = Files.list(RUNBOOKS)) {
            assertThat(pages.map(page -> String.valueOf(page.getFileName())))
                    .containsExactlyInAnyOrderElementsOf(rules.alerts().stream()
                            .map(alert -> alert.name() + ".md")
                            .toList());
        }
        assertThat(rules.alerts()).hasSizeGreaterThan(15).allSatisfy(alert -> {
            assertThat(alert.severity()).isIn("critical", "warning");
            assertThat(alert.annotations())
                    .containsOnlyKeys("summary", "description", "runbook_url")
                    .containsEntry("runbook_url", "docs/runbooks/" + alert.name() + ".md");
            assertThat(Files.readString(RUNBOOKS.resolve(alert.name() + ".md")))
                    .contains("# " + alert.name() + "\n", "## What it means", "## How to look", "## What to do");
        });
    }

    @Test
    void everyAlertIsShownToFireAndToResolve() {
        assertThat(RuleFile.tested(FILES.resolve("alerts-test.yaml")))
                .containsExactlyInAnyOrderElementsOf(
                        rules.alerts().stream().map(RuleFile.Alert::name).toList());
    }

    @Test
    void everyMetricThatIsAskedForStandsOnThePage() throws IOException {
        MetricsPage page = MetricsPage.parse(Files.readString(ROOT.resolve("docs/metrics.md")));
        Set<String> recorded =
                rules.recorded().stream().map(RuleFile.Recorded::name).collect(Collectors.toSet());
        Map<String, String> unknown = new TreeMap<>();
        Stream.of(
                        rules.recorded().stream().map(RuleFile.Recorded::expression),
                        rules.alerts().stream().map(RuleFile.Alert::expression),
                        dashboards.stream()
                                .flatMap(dashboard -> dashboard.panels().stream())
                                .flatMap(panel -> panel.asks().stream()))
                .flatMap(asks -> asks)
                .forEach(ask -> ask.selectors().stream()
                        .map(Expression.Selector::metric)
                        .filter(metric -> !recorded.contains(metric) && !page.knows(metric))
                        .forEach(metric -> unknown.put(metric, ask.text())));

        assertThat(unknown).isEmpty();
    }

    @Test
    void everyMetricOfOursIsOnADashboard() throws IOException {
        MetricsPage page = MetricsPage.parse(Files.readString(ROOT.resolve("docs/metrics.md")));
        Set<String> shown = Stream.concat(
                        dashboards.stream()
                                .flatMap(dashboard -> dashboard.panels().stream())
                                .flatMap(panel -> panel.asks().stream()),
                        rules.recorded().stream().map(RuleFile.Recorded::expression))
                .flatMap(ask -> ask.selectors().stream())
                .map(selector -> selector.metric().replaceAll("_(bucket|count|sum)$", ""))
                .collect(Collectors.toSet());
        Set<String> nowhere = new TreeSet<>();
        page.programs().values().forEach(rows -> nowhere.addAll(rows.keySet()));
        nowhere.removeIf(metric -> !metric.startsWith("skywire_")
                || shown.contains(metric)
                || metric.endsWith("_max") && shown.contains(metric.replaceAll("_max$", "")));

        assertThat(nowhere).isEmpty();
    }

    @Test
    void everyPanelSaysWhatItShowsInWhichUnitFromTheChosenSource() {
        assertThat(dashboards).hasSize(7);
        assertThat(dashboards.stream()
                        .map(dashboard -> dashboard.json().path("uid").asString("")))
                .doesNotHaveDuplicates()
                .doesNotContain("");
        for (Dashboard dashboard : dashboards) {
            assertThat(dashboard
                            .json()
                            .path("templating")
                            .path("list")
                            .path(0)
                            .path("type")
                            .asString(""))
                    .isEqualTo("datasource");
            assertThat(dashboard.panels())
                    .isNotEmpty()
                    .extracting(Dashboard.Panel::title)
                    .doesNotHaveDuplicates();
            assertThat(dashboard.panels()).allSatisfy(panel -> {
                assertThat(panel.title()).isNotBlank();
                assertThat(panel.description()).as(panel.title()).isNotBlank();
                assertThat(panel.unit()).as(panel.title()).isNotBlank();
                assertThat(panel.asks()).as(panel.title()).isNotEmpty();
                assertThat(panel.runbooks())
                        .allMatch(url -> url.startsWith("${docs}/runbooks/")
                                && Files.exists(RUNBOOKS.resolve(url.substring("${docs}/runbooks/".length()))));
            });
            for (JsonNode panel : dashboard.json().path("panels")) {
                panel.path("targets")
                        .forEach(target -> assertThat(
                                        target.path("datasource").path("uid").asString(""))
                                .isEqualTo("${datasource}"));
            }
        }
    }

    @Test
    void noTwoPanelsLieOnOneAnother() {
        for (Dashboard dashboard : dashboards) {
            Set<String> taken = new HashSet<>();
            for (JsonNode panel : dashboard.json().path("panels")) {
                JsonNode at = panel.path("gridPos");
                for (int x = at.path("x").asInt();
                        x < at.path("x").asInt() + at.path("w").asInt();
                        x++) {
                    for (int y = at.path("y").asInt();
                            y < at.path("y").asInt() + at.path("h").asInt();
                            y++) {
                        assertThat(x).isLessThan(24);
                        assertThat(taken.add(x + "," + y))
                                .as(dashboard.title() + ": " + panel.path("title"))
                                .isTrue();
                    }
                }
            }
        }
    }

    @Test
    void runbooksNamePanelsCommandsAndPagesThatExist() throws IOException {
        Map<String, Set<String>> panels = dashboards.stream()
                .collect(Collectors.toMap(
                        Dashboard::title,
                        dashboard -> dashboard.panels().stream()
                                .map(Dashboard.Panel::title)
                                .collect(Collectors.toSet())));
        String commands = Files.readString(ROOT.resolve("docs/cli.md"));
        List<String> wrong = new ArrayList<>();
        for (RuleFile.Alert alert : rules.alerts()) {
            String page =
                    Files.readString(RUNBOOKS.resolve(alert.name() + ".md")).replaceAll("\\s+", " ");
            Set<String> here = Set.of();
            int named = 0;
            Matcher places = PLACE.matcher(page);
            while (places.find()) {
                if (places.group(1) != null) {
                    here = panels.getOrDefault(places.group(1), Set.of());
                } else if (!here.contains(places.group(2))) {
                    wrong.add(alert.name() + ": there is no panel " + places.group(2));
                } else {
                    named++;
                }
            }
            if (named == 0) {
                wrong.add(alert.name() + " names no panel");
            }
            NODE_COMMAND
                    .matcher(page)
                    .results()
                    .filter(command -> !commands.contains("skywire node " + command.group(1)))
                    .forEach(command -> wrong.add(alert.name() + ": there is no command " + command.group(1)));
            LINK.matcher(page)
                    .results()
                    .filter(link -> !Files.exists(RUNBOOKS.resolve(link.group(1))))
                    .forEach(link -> wrong.add(alert.name() + " leads to " + link.group(1)));
        }

        assertThat(wrong).isEmpty();
    }
}
