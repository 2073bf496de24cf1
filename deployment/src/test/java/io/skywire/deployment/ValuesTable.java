package io.skywire.deployment;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// The rows of the chart's README, made of `values.yaml`: a comment that begins with `# --` explains the key below it.
final class ValuesTable {
    private static final Pattern KEY = Pattern.compile("( *)([A-Za-z_][A-Za-z0-9_]*):.*");
    private static final Pattern COMMENT = Pattern.compile(" *# ?(-- )?(.*)");
    private static final JsonMapper JSON = new JsonMapper();

    private final List<Row> rows = new ArrayList<>();

    /// @param path as `controlPlane.replicas`
    /// @param meaning empty where nobody explained it
    record Row(String path, JsonNode value, String meaning) {}

    /// A key of the path that leads to a line.
    private record Step(int indent, String path) {}

    static ValuesTable of(String yaml) {
        ValuesTable table = new ValuesTable();
        table.read(yaml.lines().toList(), new YAMLMapper().readTree(yaml));
        return table;
    }

    private void read(List<String> lines, JsonNode values) {
        Deque<Step> steps = new ArrayDeque<>();
        StringBuilder meaning = new StringBuilder();
        for (String line : lines) {
            Matcher comment = COMMENT.matcher(line);
            Matcher key = KEY.matcher(line);
            if (comment.matches()) {
                if (comment.group(1) != null) {
                    meaning.setLength(0);
                    meaning.append(comment.group(2));
                } else if (!meaning.isEmpty()) {
                    meaning.append(' ').append(comment.group(2));
                }
            } else if (key.matches()) {
                int indent = key.group(1).length();
                while (!steps.isEmpty() && steps.peek().indent() >= indent) {
                    steps.pop();
                }
                String path = steps.isEmpty() ? key.group(2) : steps.peek().path() + "." + key.group(2);
                steps.push(new Step(indent, path));
                rows.add(new Row(path, values.at("/" + path.replace('.', '/')), meaning.toString()));
                meaning.setLength(0);
            } else {
                meaning.setLength(0);
            }
        }
    }

    /// Values that neither have an explanation of their own nor stand below a key that has one.
    List<String> unexplained() {
        return rows.stream()
                .filter(row -> !row.value().isObject() || row.value().isEmpty())
                .map(Row::path)
                .filter(path -> rows.stream()
                        .noneMatch(row -> !row.meaning().isEmpty()
                                && (path.equals(row.path()) || path.startsWith(row.path() + "."))))
                .toList();
    }

    /// One line for each key that is explained; of a group of which single keys are explained, only the explanation.
    String markdown() {
        return rows.stream()
                .filter(row -> !row.meaning().isEmpty())
                .map(row -> "| `%s` | %s | %s |"
                        .formatted(
                                row.path(),
                                isGroup(row) ? "" : code(row.value()),
                                row.meaning().replace("|", "\\|")))
                .collect(Collectors.joining("\n"));
    }

    private boolean isGroup(Row row) {
        return rows.stream()
                .anyMatch(other -> other.path().startsWith(row.path() + ".")
                        && !other.meaning().isEmpty());
    }

    private static String code(JsonNode value) {
        return "`" + JSON.writeValueAsString(value) + "`";
    }
}
