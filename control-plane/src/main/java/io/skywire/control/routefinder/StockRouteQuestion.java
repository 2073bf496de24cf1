package io.skywire.control.routefinder;

import io.skywire.shared.key.PublicKey;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What a stock visor asks of the route finder. Each pair is one string, `<66 hex>:<66 hex>`.
record StockRouteQuestion(List<Pair> pairs, int minHops, int maxHops) {
    private static final int MAX_PAIRS = 16;
    private static final int KEY = 2 * PublicKey.LENGTH;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    record Pair(String text, PublicKey from, PublicKey to) {}

    /// @throws IllegalArgumentException that says what is wrong
    static StockRouteQuestion parse(byte[] body) {
        JsonNode root;
        try {
            root = JSON.readTree(body);
        } catch (JacksonException malformed) {
            throw new IllegalArgumentException("the body is not JSON: " + malformed.getOriginalMessage());
        }
        if (root == null || !root.isObject()) {
            throw new IllegalArgumentException("the body must be a JSON object");
        }
        JsonNode edges = member(root, "Edges");
        if (edges == null || !edges.isArray() || edges.isEmpty() || edges.size() > MAX_PAIRS) {
            throw new IllegalArgumentException("Edges must be an array of 1 to " + MAX_PAIRS + " pairs");
        }
        List<Pair> pairs = new ArrayList<>();
        for (JsonNode edge : edges) {
            pairs.add(pair(edge));
        }
        JsonNode options = member(root, "Opts");
        if (options != null && !options.isObject()) {
            throw new IllegalArgumentException("Opts must be an object");
        }
        return new StockRouteQuestion(
                pairs, options == null ? 0 : hops(options, "MinHops"), options == null ? 0 : hops(options, "MaxHops"));
    }

    private static Pair pair(JsonNode edge) {
        if (!edge.isString() || edge.stringValue().length() != 2 * KEY + 1) {
            throw new IllegalArgumentException("a pair of Edges must be one string of two keys, <66 hex>:<66 hex>");
        }
        String text = edge.stringValue();
        PublicKey from = key(text.substring(0, KEY));
        PublicKey to = key(text.substring(KEY + 1));
        return new Pair(from.hex() + ":" + to.hex(), from, to);
    }

    private static PublicKey key(String hex) {
        return PublicKey.of(HexFormat.of().parseHex(hex));
    }

    private static int hops(JsonNode options, String name) {
        JsonNode value = member(options, name);
        if (value == null) {
            return 0;
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.intValue() < 0
                || value.intValue() > 65_535) {
            throw new IllegalArgumentException(name + " must be a number from 0 to 65535");
        }
        return value.intValue();
    }

    private static @Nullable JsonNode member(JsonNode object, String name) {
        JsonNode exact = object.get(name);
        if (exact != null) {
            return exact.isNull() ? null : exact;
        }
        return object.properties().stream()
                .filter(member -> member.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .filter(value -> !value.isNull())
                .findFirst()
                .orElse(null);
    }

    static String answer(Map<Pair, List<Route>> routes) {
        ObjectNode answer = JSON.createObjectNode();
        routes.forEach((pair, found) -> {
            ArrayNode all = answer.putArray(pair.text());
            for (Route route : found) {
                ArrayNode hops = all.addArray();
                for (Route.Hop hop : route.hops()) {
                    hops.addObject()
                            .put("TpID", hop.transport().toString())
                            .put("From", hop.from().hex())
                            .put("To", hop.to().hex());
                }
            }
        });
        return answer.toString();
    }

    static String error(String message, int code) {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("error").put("message", message).put("code", code);
        return root.toString();
    }
}
