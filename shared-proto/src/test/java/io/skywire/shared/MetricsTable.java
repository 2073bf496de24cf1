package io.skywire.shared;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Our own metrics as rows of `docs/metrics.md`: those that the page has, and those that a scrape shows, written alike.
public final class MetricsTable {
    private static final Path PAGE = Path.of("../docs/metrics.md");
    private static final Pattern SAMPLE = Pattern.compile("(skywire_[a-z0-9_]+)\\{(.*)} \\S+");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");
    private static final Pattern UNIT = Pattern.compile("_(seconds|bytes)(?:_total|_max)?$");
    private static final Pattern KEY = Pattern.compile(
            "[0-9a-f]{16}|[a-z2-7]{50}|[0-9a-f]{8}-[0-9a-f]{4}-|\\d{1,3}(?:\\.\\d{1,3}){3}", Pattern.CASE_INSENSITIVE);

    private MetricsTable() {}

    /// The rows of the page that belong to a program, `node` for example.
    public static List<String> ofPage(String program) {
        try {
            List<String> rows = new ArrayList<>();
            boolean here = false;
            for (String line : Files.readAllLines(PAGE)) {
                if (line.startsWith("#")) {
                    here = line.contains("`" + program + "`");
                } else if (here && line.startsWith("| `skywire_")) {
                    rows.add(line);
                }
            }
            return rows;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// The rows for what a scrape in the text format shows.
    public static List<String> of(String scrape) {
        Map<String, String> helps = new HashMap<>();
        Map<String, String> types = new TreeMap<>();
        Map<String, Map<String, TreeSet<String>>> labels = new HashMap<>();
        for (String line : scrape.lines().toList()) {
            String[] words = line.split(" ", 4);
            Matcher sample = SAMPLE.matcher(line);
            if (line.startsWith("# HELP skywire_")) {
                helps.put(words[2], words[3].strip());
            } else if (line.startsWith("# TYPE skywire_")) {
                types.put(words[2], words[3]);
            } else if (sample.matches()) {
                Matcher each = LABEL.matcher(sample.group(2));
                String family = types.containsKey(sample.group(1))
                        ? sample.group(1)
                        : sample.group(1).replaceAll("_(bucket|count|sum)$", "");
                while (each.find()) {
                    if (!each.group(1).equals("le")) {
                        labels.computeIfAbsent(family, name -> new TreeMap<>())
                                .computeIfAbsent(each.group(1), label -> new TreeSet<>())
                                .add(each.group(2));
                    }
                }
            }
        }
        return types.entrySet().stream()
                .map(family -> "| `" + family.getKey() + "` | " + family.getValue() + " | " + unit(family.getKey())
                        + " | "
                        + helps.getOrDefault(family.getKey(), "(no help)") + " | "
                        + labels.getOrDefault(family.getKey(), Map.of()).entrySet().stream()
                                .map(label -> "`" + label.getKey() + "`: " + String.join(", ", label.getValue()))
                                .collect(Collectors.joining("; "))
                        + " |")
                .toList();
    }

    private static String unit(String name) {
        Matcher unit = UNIT.matcher(name);
        return unit.find() ? unit.group(1) : "";
    }

    /// Lines of a scrape in which a label's value looks like a key, an id or an address.
    public static List<String> withKeys(String scrape) {
        return scrape.lines()
                .filter(line -> !line.startsWith("#"))
                .filter(line -> LABEL.matcher(line)
                        .results()
                        .anyMatch(label -> KEY.matcher(label.group(2)).find()))
                .toList();
    }
}
