package io.skywire.local.watch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One dashboard of Grafana: its panels and what they ask Prometheus.
///
/// @param file its name without a directory
/// @param json all of it
public record Dashboard(String file, String title, List<Panel> panels, JsonNode json) {
    /// @param runbooks the files that its links lead to
    public record Panel(String title, String description, String unit, List<Expression> asks, List<String> runbooks) {}

    /// All `*.json` of a directory, by name.
    ///
    /// @throws UncheckedIOException if one cannot be read
    public static List<Dashboard> all(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .map(Dashboard::read)
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Dashboard read(Path file) {
        try {
            JsonNode json = new JsonMapper().readTree(Files.readString(file));
            List<Panel> panels = new ArrayList<>();
            for (JsonNode panel : json.path("panels")) {
                if (!panel.path("type").asString("").equals("row")) {
                    panels.add(panel(panel));
                }
            }
            return new Dashboard(
                    String.valueOf(file.getFileName()), json.path("title").asString(""), panels, json);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Panel panel(JsonNode panel) {
        List<Expression> asks = new ArrayList<>();
        panel.path("targets")
                .forEach(target -> asks.add(new Expression(target.path("expr").asString(""))));
        List<String> runbooks = new ArrayList<>();
        panel.path("links").forEach(link -> runbooks.add(link.path("url").asString("")));
        return new Panel(
                panel.path("title").asString(""),
                panel.path("description").asString(""),
                panel.path("fieldConfig").path("defaults").path("unit").asString(""),
                asks,
                runbooks);
    }
}
