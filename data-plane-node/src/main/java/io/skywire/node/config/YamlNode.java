package io.skywire.node.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A piece of a YAML file that remembers its line. Scalars stay the text that was written: a key of 66 digits is no
/// number here.
sealed interface YamlNode {
    int line();

    /// What it is called in a message.
    String kind();

    /// `text` is empty where nothing was written.
    record Scalar(int line, String text) implements YamlNode {
        @Override
        public String kind() {
            return text.isEmpty() ? "nothing" : "'" + abbreviated() + "'";
        }

        private String abbreviated() {
            return text.length() <= 40 ? text : text.substring(0, 40) + "…";
        }
    }

    record Sequence(int line, List<YamlNode> items) implements YamlNode {
        @Override
        public String kind() {
            return "a list";
        }
    }

    record Mapping(int line, Map<String, Entry> entries) implements YamlNode {
        static Mapping empty() {
            return new Mapping(1, new LinkedHashMap<>());
        }

        @Override
        public String kind() {
            return "a mapping";
        }
    }

    /// A key's own line and its value.
    record Entry(int line, YamlNode value) {}
}
