package io.skywire.node.api;

import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;

/// A request's JSON object while it is read. Every method throws [BadBodyException]; [#close()] refuses what nobody
/// asked for.
final class Body {
    private final JsonNode json;
    private final Set<String> asked = new TreeSet<>();

    private Body(JsonNode json) {
        this.json = json;
    }

    static Body parse(byte[] bytes) {
        JsonNode json;
        try {
            json = ApiJson.MAPPER
                    .reader()
                    .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .with(tools.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .readTree(bytes);
        } catch (JacksonException broken) {
            throw new BadBodyException("the body is not JSON: "
                    + String.valueOf(broken.getOriginalMessage())
                            .lines()
                            .findFirst()
                            .orElse("unreadable"));
        }
        if (!json.isObject()) {
            throw new BadBodyException("the body is one JSON object");
        }
        return new Body(json);
    }

    PublicKey key(String name) {
        return key(name, required(name, "a public key in 66 hex digits or 53 base32 letters"));
    }

    Optional<List<PublicKey>> keys(String name) {
        return optional(name).map(node -> {
            if (!node.isArray()) {
                throw new BadBodyException(name + ": expected a list of public keys");
            }
            List<PublicKey> keys = new ArrayList<>();
            for (int i = 0; i < node.size(); i++) {
                keys.add(key(name + "[" + i + "]", node.get(i)));
            }
            return keys;
        });
    }

    String text(String name, String what) {
        JsonNode node = required(name, what);
        if (!node.isString()) {
            throw new BadBodyException(name + ": expected " + what);
        }
        return node.stringValue();
    }

    Optional<String> optionalText(String name) {
        return optional(name).map(node -> {
            if (!node.isString()) {
                throw new BadBodyException(name + ": expected text");
            }
            return node.stringValue();
        });
    }

    int number(String name, int lowest, int highest) {
        return number(name, required(name, "a whole number"), lowest, highest);
    }

    Optional<Integer> optionalNumber(String name, int lowest, int highest) {
        return optional(name).map(node -> number(name, node, lowest, highest));
    }

    Optional<Duration> optionalMillis(String name, Duration longest) {
        return optionalNumber(name, 1, Math.toIntExact(longest.toMillis())).map(Duration::ofMillis);
    }

    void close() {
        for (String name : json.propertyNames()) {
            if (!asked.contains(name)) {
                throw new BadBodyException(name + ": unknown key; known here: " + String.join(", ", asked));
            }
        }
    }

    private JsonNode required(String name, String what) {
        return optional(name).orElseThrow(() -> new BadBodyException(name + ": missing; " + what + " is required"));
    }

    private Optional<JsonNode> optional(String name) {
        asked.add(name);
        return Optional.ofNullable(json.get(name)).filter(node -> !node.isNull());
    }

    private static PublicKey key(String name, JsonNode node) {
        if (!node.isString()) {
            throw new BadBodyException(name + ": expected a public key in 66 hex digits or 53 base32 letters");
        }
        try {
            return PublicKey.parse(node.stringValue());
        } catch (InvalidKeyException invalid) {
            throw new BadBodyException(name + ": " + invalid.getMessage());
        }
    }

    private static int number(String name, JsonNode node, int lowest, int highest) {
        if (!node.isIntegralNumber()
                || !node.canConvertToInt()
                || node.intValue() < lowest
                || node.intValue() > highest) {
            throw new BadBodyException(name + ": expected a whole number between " + lowest + " and " + highest);
        }
        return node.intValue();
    }
}
