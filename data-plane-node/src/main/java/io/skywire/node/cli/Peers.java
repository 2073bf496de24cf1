package io.skywire.node.cli;

import io.skywire.node.config.NodeConfig;
import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Keys and their short names in the address book of one config.
final class Peers {
    private static final String SUFFIX = ".sky";

    private final Map<String, PublicKey> aliases;

    Peers(NodeConfig config) {
        this.aliases = config.aliases();
    }

    /// An alias, 66 hex digits or 53 base32 letters, with or without `.sky`.
    PublicKey parse(String text) throws UsageException {
        String name = text.endsWith(SUFFIX) ? text.substring(0, text.length() - SUFFIX.length()) : text;
        PublicKey known = aliases.get(name);
        if (known != null) {
            return known;
        }
        try {
            return PublicKey.parse(name);
        } catch (InvalidKeyException invalid) {
            throw new UsageException("'" + text + "' is no alias of this config and no key: " + invalid.getMessage());
        }
    }

    List<PublicKey> parseAll(List<String> texts) throws UsageException {
        List<PublicKey> keys = new ArrayList<>();
        for (String text : texts) {
            keys.add(parse(text));
        }
        return keys;
    }

    /// Short, for a table.
    String show(PublicKey key) {
        Optional<String> alias = aliases.entrySet().stream()
                .filter(entry -> entry.getValue().equals(key))
                .map(Map.Entry::getKey)
                .sorted()
                .findFirst();
        return alias.map(name -> name + " (" + key.shortHex() + ")").orElseGet(key::shortHex);
    }
}
