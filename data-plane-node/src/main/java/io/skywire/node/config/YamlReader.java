package io.skywire.node.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLParser;

/// From YAML text to a [YamlNode]. Told to `problems`: duplicate keys, aliases, a second document, and broken syntax
/// (after which the rest is not read).
final class YamlReader {
    private static final int DEEPEST = 16;

    private final Problems problems;

    YamlReader(Problems problems) {
        this.problems = problems;
    }

    /// What could be read; an empty mapping where the file holds nothing.
    YamlNode read(String text) {
        try (JsonParser parser = new YAMLMapper().createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return YamlNode.Mapping.empty();
            }
            YamlNode root = node(parser, first, "", 0);
            if (parser.nextToken() != null) {
                problems.add(line(parser), "", "a config is one YAML document; a second one starts here");
            }
            return root;
        } catch (JacksonException broken) {
            int line = broken.getLocation() == null
                    ? 0
                    : Math.max(0, broken.getLocation().getLineNr());
            problems.addSyntax(line, "not valid YAML: " + firstLine(broken));
            return YamlNode.Mapping.empty();
        }
    }

    private YamlNode node(JsonParser parser, JsonToken token, String path, int depth) {
        int line = line(parser);
        if (depth > DEEPEST) {
            problems.add(line, path, "nested more than " + DEEPEST + " levels deep");
            parser.skipChildren();
            return new YamlNode.Scalar(line, "");
        }
        if (token == JsonToken.START_OBJECT) {
            return mapping(parser, line, path, depth);
        }
        if (token == JsonToken.START_ARRAY) {
            return sequence(parser, line, path, depth);
        }
        if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
            problems.add(line, path, "YAML aliases (*name) are not used here; write the value out");
        }
        return new YamlNode.Scalar(
                line, token == JsonToken.VALUE_NULL ? "" : parser.getString().strip());
    }

    private YamlNode mapping(JsonParser parser, int line, String path, int depth) {
        Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.currentName();
            int keyLine = line(parser);
            String below = path.isEmpty() ? key : path + "." + key;
            YamlNode value = node(parser, parser.nextToken(), below, depth + 1);
            YamlNode.Entry first = entries.putIfAbsent(key, new YamlNode.Entry(keyLine, value));
            if (first != null) {
                problems.add(keyLine, below, "duplicate key; it stands in line " + first.line() + " already");
            }
        }
        return new YamlNode.Mapping(line, entries);
    }

    private YamlNode sequence(JsonParser parser, int line, String path, int depth) {
        List<YamlNode> items = new ArrayList<>();
        JsonToken token = parser.nextToken();
        while (token != JsonToken.END_ARRAY) {
            items.add(node(parser, token, path + "[" + items.size() + "]", depth + 1));
            token = parser.nextToken();
        }
        return new YamlNode.Sequence(line, items);
    }

    private static int line(JsonParser parser) {
        return parser.currentTokenLocation().getLineNr();
    }

    private static String firstLine(JacksonException broken) {
        String message = String.valueOf(broken.getOriginalMessage());
        return message.lines()
                .map(String::strip)
                .filter(l -> !l.isEmpty())
                .findFirst()
                .orElse("unreadable");
    }
}
