package io.skywire.node.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/// One mapping of the file while it is read. What is missing or wrong is told to [Problems] and comes back as nothing;
/// keys that nobody asked for are told by [#close()].
///
/// A `parse` function throws `IllegalArgumentException` with a message that says what is expected.
final class Section {
    private final Problems problems;
    private final String path;
    private final YamlNode.Mapping mapping;
    private final Set<String> asked = new TreeSet<>();

    Section(Problems problems, String path, YamlNode.Mapping mapping) {
        this.problems = problems;
        this.path = path;
        this.mapping = mapping;
    }

    /// The whole file.
    static Section root(Problems problems, YamlNode node) {
        if (node instanceof YamlNode.Mapping mapping) {
            return new Section(problems, "", mapping);
        }
        problems.add(node.line(), "", "a config is a mapping of keys to values, not " + node.kind());
        return new Section(problems, "", YamlNode.Mapping.empty());
    }

    <T> Optional<T> value(String key, Function<String, T> parse) {
        return entry(key).flatMap(entry -> scalar(entry.value(), entry.line(), pathOf(key), parse));
    }

    <T> Optional<T> required(String key, String what, Function<String, T> parse) {
        if (missing(key)) {
            problem(key, "missing; " + what + " is required");
            return Optional.empty();
        }
        return value(key, parse);
    }

    <T> List<T> values(String key, Function<String, T> parse) {
        List<T> values = new ArrayList<>();
        forItems(
                key,
                (item, itemPath) -> scalar(item, item.line(), itemPath, parse).ifPresent(values::add));
        return values;
    }

    /// Values of which none may stand twice.
    <T> Set<T> distinct(String key, Function<String, T> parse) {
        Set<T> values = new HashSet<>();
        forItems(
                key,
                (item, itemPath) -> scalar(item, item.line(), itemPath, parse)
                        .filter(value -> !values.add(value))
                        .ifPresent(twice -> problems.add(item.line(), itemPath, "stands twice in this list")));
        return values;
    }

    <T> List<T> sections(String key, Function<Section, Optional<T>> read) {
        List<T> values = new ArrayList<>();
        forItems(key, (item, itemPath) -> {
            if (item instanceof YamlNode.Mapping below) {
                Section section = new Section(problems, itemPath, below);
                read.apply(section).ifPresent(values::add);
                section.close();
            } else {
                problems.add(item.line(), itemPath, "expected a mapping of keys to values, not " + item.kind());
            }
        });
        return values;
    }

    /// One mapping below this one.
    <T> Optional<T> section(String key, Function<Section, Optional<T>> read) {
        Optional<YamlNode.Entry> entry = entry(key);
        if (entry.isEmpty()) {
            return Optional.empty();
        }
        if (entry.get().value() instanceof YamlNode.Mapping below) {
            Section section = new Section(problems, pathOf(key), below);
            Optional<T> value = read.apply(section);
            section.close();
            return value;
        }
        problem(
                key,
                "expected a mapping of keys to values, not "
                        + entry.get().value().kind());
        return Optional.empty();
    }

    <T> Map<String, T> entries(String key, Function<String, String> parseName, Function<String, T> parse) {
        Map<String, T> values = new LinkedHashMap<>();
        entry(key).ifPresent(entry -> {
            if (entry.value() instanceof YamlNode.Mapping below) {
                below.entries().forEach((name, value) -> {
                    YamlNode.Scalar written = new YamlNode.Scalar(value.line(), name);
                    String place = pathOf(key) + "." + name;
                    scalar(written, value.line(), place, parseName)
                            .ifPresent(good -> scalar(value.value(), value.line(), place, parse)
                                    .ifPresent(v -> values.put(good, v)));
                });
            } else if (!isEmpty(entry.value())) {
                problem(
                        key,
                        "expected a mapping of names to values, not "
                                + entry.value().kind());
            }
        });
        return values;
    }

    /// Tells a problem with this key's value.
    void problem(String key, String text) {
        YamlNode.Entry entry = mapping.entries().get(key);
        problems.add(entry == null ? mapping.line() : entry.line(), pathOf(key), text);
    }

    boolean missing(String key) {
        return entry(key).isEmpty();
    }

    /// The key is there, with an empty list or without any value.
    boolean holdsNothing(String key) {
        return entry(key)
                .map(YamlNode.Entry::value)
                .filter(value -> isEmpty(value)
                        || (value instanceof YamlNode.Sequence list
                                && list.items().isEmpty()))
                .isPresent();
    }

    /// Everything was asked for: the rest is unknown.
    void close() {
        mapping.entries().forEach((key, entry) -> {
            if (!asked.contains(key)) {
                problems.add(entry.line(), pathOf(key), "unknown key; known here: " + String.join(", ", asked));
            }
        });
    }

    private interface Item {
        void accept(YamlNode item, String itemPath);
    }

    private void forItems(String key, Item reader) {
        entry(key).ifPresent(entry -> {
            if (entry.value() instanceof YamlNode.Sequence sequence) {
                for (int i = 0; i < sequence.items().size(); i++) {
                    reader.accept(sequence.items().get(i), pathOf(key) + "[" + i + "]");
                }
            } else if (!isEmpty(entry.value())) {
                problem(key, "expected a list, not " + entry.value().kind());
            }
        });
    }

    private <T> Optional<T> scalar(YamlNode node, int line, String at, Function<String, T> parse) {
        if (!(node instanceof YamlNode.Scalar scalar)) {
            problems.add(line, at, "expected one value, not " + node.kind());
            return Optional.empty();
        }
        if (scalar.text().isEmpty()) {
            problems.add(line, at, "expected one value, but nothing is written here");
            return Optional.empty();
        }
        try {
            return Optional.of(parse.apply(scalar.text()));
        } catch (IllegalArgumentException wrong) {
            problems.add(line, at, String.valueOf(wrong.getMessage()));
            return Optional.empty();
        }
    }

    private Optional<YamlNode.Entry> entry(String key) {
        asked.add(key);
        return Optional.ofNullable(mapping.entries().get(key));
    }

    private String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static boolean isEmpty(YamlNode node) {
        return node instanceof YamlNode.Scalar scalar && scalar.text().isEmpty();
    }
}
