package io.skywire.local.watch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `docs/metrics.md`: what each program is said to show. A heading names the programs to which its table belongs.
/// ```
/// ## … `node`, `gateway` …
/// | `name` | type, or type and `, later` | unit | meaning | `label`: value, value; `label`: *words for values that are
/// not listed* |
/// ```
public record MetricsPage(Map<String, Map<String, Row>> programs) {
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern LABEL = Pattern.compile("`([a-z_]+)`: (.*)");

    /// @param presence whether it is there from the start
    /// @param labels the values of each label; none where the page does not list them
    public record Row(
            String name,
            String type,
            Presence presence,
            String unit,
            String meaning,
            Map<String, Optional<Set<String>>> labels) {}

    /// When a family is shown.
    public enum Presence {
        ALWAYS,
        /// With its first event.
        LATER
    }

    public MetricsPage {
        programs = Map.copyOf(programs);
    }

    /// @throws IllegalArgumentException if a row is not as above, or a family stands twice for one program
    public static MetricsPage parse(String page) {
        Map<String, Map<String, Row>> programs = new HashMap<>();
        List<String> current = List.of();
        for (String line : page.lines().toList()) {
            if (line.startsWith("#")) {
                current = CODE.matcher(line).results().map(one -> one.group(1)).toList();
            } else if (line.startsWith("| `") && !current.isEmpty()) {
                Row row = row(line);
                for (String program : current) {
                    if (programs.computeIfAbsent(program, any -> new TreeMap<>())
                                    .put(row.name(), row)
                            != null) {
                        throw new IllegalArgumentException(row.name() + " stands twice for " + program);
                    }
                }
            }
        }
        return new MetricsPage(programs);
    }

    private static Row row(String line) {
        String[] cells = line.substring(1).split("\\|", -1);
        if (cells.length != 6) {
            throw new IllegalArgumentException("five cells are wanted: " + line);
        }
        Map<String, Optional<Set<String>>> labels = new LinkedHashMap<>();
        for (String part : cells[4].strip().split("; ")) {
            Matcher label = LABEL.matcher(part.strip());
            if (label.matches()) {
                String values = label.group(2);
                labels.put(
                        label.group(1),
                        values.startsWith("*") ? Optional.empty() : Optional.of(Set.of(values.split(", "))));
            } else if (!part.isBlank()) {
                throw new IllegalArgumentException("not `label`: values: " + part);
            }
        }
        return new Row(
                cells[0].strip().replace("`", ""),
                cells[1].strip().replace(", later", ""),
                cells[1].contains(", later") ? Presence.LATER : Presence.ALWAYS,
                cells[2].strip(),
                cells[3].strip(),
                labels);
    }

    /// Rows of one program.
    public Map<String, Row> of(String program) {
        return programs.getOrDefault(program, Map.of());
    }

    /// Whether any program shows that family, or a part of it such as `_bucket`.
    public boolean knows(String name) {
        return programs.values().stream()
                .anyMatch(rows -> rows.containsKey(name)
                        || parts(name).stream()
                                .anyMatch(family -> rows.containsKey(family)
                                        && Set.of("histogram", "summary")
                                                .contains(rows.get(family).type())));
    }

    private static List<String> parts(String name) {
        List<String> families = new ArrayList<>();
        for (String suffix : List.of("_bucket", "_count", "_sum")) {
            if (name.endsWith(suffix)) {
                families.add(name.substring(0, name.length() - suffix.length()));
            }
        }
        return families;
    }

    /// What a program shows that the page does not say so, in words; families, types, helps, labels and their values.
    public List<String> undocumented(String program, Exposition shown) {
        List<String> wrong = new ArrayList<>();
        shown.families().values().forEach(family -> {
            Row row = of(program).get(family.name());
            if (row == null) {
                wrong.add(program + " shows " + family.name());
                return;
            }
            if (!row.type().equals(family.type())) {
                wrong.add(family.name() + " is a " + family.type() + ", not a " + row.type());
            }
            if (!row.meaning().equals(plain(family.help()))) {
                wrong.add(family.name() + " says of itself \"" + family.help() + "\"");
            }
            family.labels().forEach((label, values) -> {
                Optional<Set<String>> listed = row.labels().get(label);
                if (listed == null) {
                    wrong.add(family.name() + " has the label " + label);
                } else {
                    listed.ifPresent(known -> {
                        Set<String> others = new TreeSet<>(values);
                        others.removeAll(known);
                        others.forEach(value -> wrong.add(family.name() + " has " + label + "=" + value));
                    });
                }
            });
        });
        return wrong;
    }

    /// What the page says that a program does not show, in words.
    public List<String> missing(String program, Exposition shown) {
        List<String> wrong = new ArrayList<>();
        of(program).values().forEach(row -> {
            Exposition.Family family = shown.families().get(row.name());
            if (family == null) {
                if (row.presence() == Presence.ALWAYS) {
                    wrong.add(program + " does not show " + row.name());
                }
                return;
            }
            if (row.presence() == Presence.LATER) {
                return;
            }
            row.labels().forEach((label, listed) -> {
                Set<String> seen = family.labels().getOrDefault(label, Set.of());
                if (seen.isEmpty()) {
                    wrong.add(row.name() + " has no label " + label);
                }
                listed.ifPresent(values -> values.stream()
                        .filter(value -> !seen.contains(value))
                        .forEach(value -> wrong.add(row.name() + " has no " + label + "=" + value)));
            });
        });
        return wrong;
    }

    /// A help text as a cell of the table holds it.
    public static String plain(String help) {
        return help.replace("|", "/").strip();
    }
}
