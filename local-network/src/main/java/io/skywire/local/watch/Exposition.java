package io.skywire.local.watch;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a process shows to Prometheus, by family: its type, its help text, and which values each label has.
public record Exposition(Map<String, Family> families) {
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    /// Labels that only say which part of a histogram or summary a sample is.
    private static final Set<String> PARTS = Set.of("le", "quantile");

    /// Sixteen digits of a key, a key in base32, an address: what must never be in a label.
    private static final Pattern KEY = Pattern.compile(
            "[0-9a-f]{16}|[a-z2-7]{50}|[0-9a-f]{8}-[0-9a-f]{4}-|\\b\\d{1,3}(?:\\.\\d{1,3}){3}\\b",
            Pattern.CASE_INSENSITIVE);

    public Exposition {
        families = Map.copyOf(families);
    }

    /// @param type `counter`, `gauge`, `histogram` or `summary`
    public record Family(String name, String type, String help, Map<String, Set<String>> labels) {}

    /// Reads the text format. What is no sample and no comment of a family is passed over.
    public static Exposition parse(String text) {
        Map<String, Family> families = new TreeMap<>();
        Map<String, String> helps = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            String[] words = line.split(" ", 4);
            if (line.startsWith("# HELP ")) {
                helps.put(words[2], words.length > 3 ? words[3].strip() : "");
            } else if (line.startsWith("# TYPE ")) {
                families.put(
                        words[2], new Family(words[2], words[3], helps.getOrDefault(words[2], ""), new TreeMap<>()));
            } else {
                Matcher sample = SAMPLE.matcher(line);
                if (sample.matches()) {
                    Family family = familyOf(families, sample.group(1));
                    if (family != null && sample.group(2) != null) {
                        note(family, sample.group(2));
                    }
                }
            }
        }
        return new Exposition(families);
    }

    private static @Nullable Family familyOf(Map<String, Family> families, String sample) {
        Family family = families.get(sample);
        for (String suffix : new String[] {"_bucket", "_count", "_sum"}) {
            if (family == null && sample.endsWith(suffix)) {
                family = families.get(sample.substring(0, sample.length() - suffix.length()));
            }
        }
        return family;
    }

    private static void note(Family family, String labels) {
        Matcher each = LABEL.matcher(labels);
        while (each.find()) {
            if (!PARTS.contains(each.group(1))) {
                family.labels()
                        .computeIfAbsent(each.group(1), label -> new TreeSet<>())
                        .add(each.group(2));
            }
        }
    }

    /// The families of several processes of one program together.
    public Exposition with(Exposition other) {
        Map<String, Family> all = new TreeMap<>(families);
        other.families.forEach((name, family) -> all.merge(name, family, Exposition::together));
        return new Exposition(all);
    }

    private static Family together(Family one, Family other) {
        Map<String, Set<String>> labels = new TreeMap<>();
        one.labels().forEach((label, values) -> labels.put(label, new TreeSet<>(values)));
        other.labels()
                .forEach((label, values) ->
                        labels.computeIfAbsent(label, any -> new TreeSet<>()).addAll(values));
        return new Family(one.name(), one.type(), one.help(), labels);
    }

    /// Label values that look like a key, an id or an address, as `family{label="value"}`.
    public Set<String> keysInLabels() {
        Set<String> found = new TreeSet<>();
        families.values()
                .forEach(family -> family.labels()
                        .forEach((label, values) -> values.stream()
                                .filter(value -> KEY.matcher(value).find())
                                .forEach(value -> found.add(family.name() + "{" + label + "=\"" + value + "\"}"))));
        return found;
    }
}
