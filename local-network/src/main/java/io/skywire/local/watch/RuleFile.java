package io.skywire.local.watch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// A rule file of Prometheus: what is recorded and what is alerted.
public record RuleFile(List<Recorded> recorded, List<Alert> alerts) {
    /// A series that Prometheus computes from others.
    public record Recorded(String name, Expression expression) {}

    public record Alert(String name, Expression expression, String severity, Map<String, String> annotations) {}

    /// @throws UncheckedIOException if it cannot be read
    public static RuleFile read(Path file) {
        List<Recorded> recorded = new ArrayList<>();
        List<Alert> alerts = new ArrayList<>();
        for (JsonNode group : yaml(file).path("groups")) {
            for (JsonNode rule : group.path("rules")) {
                Expression expression = new Expression(rule.path("expr").asString(""));
                if (rule.has("record")) {
                    recorded.add(new Recorded(rule.path("record").asString(""), expression));
                } else {
                    Map<String, String> annotations = new TreeMap<>();
                    rule.path("annotations")
                            .properties()
                            .forEach(one ->
                                    annotations.put(one.getKey(), one.getValue().asString("")));
                    alerts.add(new Alert(
                            rule.path("alert").asString(""),
                            expression,
                            rule.path("labels").path("severity").asString(""),
                            annotations));
                }
            }
        }
        return new RuleFile(recorded, alerts);
    }

    /// The alerts that a file of `promtool test rules` shows both to fire and, later, not to.
    ///
    /// @throws UncheckedIOException if it cannot be read
    public static Set<String> tested(Path file) {
        Set<String> tested = new TreeSet<>();
        for (JsonNode test : yaml(file).path("tests")) {
            Set<String> fired = new TreeSet<>();
            for (JsonNode look : test.path("alert_rule_test")) {
                String alert = look.path("alertname").asString("");
                if (!look.path("exp_alerts").isEmpty()) {
                    fired.add(alert);
                } else if (fired.contains(alert)) {
                    tested.add(alert);
                }
            }
        }
        return tested;
    }

    private static JsonNode yaml(Path file) {
        try {
            return new YAMLMapper().readTree(Files.readString(file));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
