package io.skywire.local;

import io.skywire.shared.key.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/// What the nodes said their rule tables hold, all asked for at about the same time. Node names to rows.
record RuleTables(Map<String, JsonNode> tables) {
    /// All that a relay may know: two transports, two numbers, and how much the rule is used.
    static final Set<String> RELAY_FIELDS = Set.of(
            "kind", "ingress", "ingress_id", "egress", "egress_id", "idle_timeout_ms", "idle_ms", "packets", "bytes");

    static RuleTables ask(LocalNetwork network) {
        return new RuleTables(network.ask("rules"));
    }

    boolean isEmpty() {
        return tables.values().stream().allMatch(JsonNode::isEmpty);
    }

    JsonNode of(String node) {
        JsonNode table = tables.get(node);
        if (table == null) {
            throw new IllegalArgumentException("node " + node + " was not asked");
        }
        return table;
    }

    /// The nodes that relay, in the order of the network.
    List<String> relays() {
        return tables.keySet().stream()
                .filter(node -> !relayRows(node).isEmpty())
                .toList();
    }

    List<JsonNode> relayRows(String node) {
        List<JsonNode> rows = new ArrayList<>();
        for (JsonNode row : of(node)) {
            if (row.path("kind").asString("").equals("relay")) {
                rows.add(row);
            }
        }
        return rows;
    }

    /// Bytes that the relay rules of `node` have carried, both ways.
    long relayedBytes(String node) {
        return relayRows(node).stream()
                .mapToLong(row -> row.path("bytes").asLong(0))
                .sum();
    }

    long relayedPackets(String node) {
        return relayRows(node).stream()
                .mapToLong(row -> row.path("packets").asLong(0))
                .sum();
    }

    /// Every field name that some relay rule holds.
    Set<String> relayFields() {
        Set<String> fields = new TreeSet<>();
        relays().forEach(node -> relayRows(node).forEach(row -> fields.addAll(row.propertyNames())));
        return fields;
    }

    /// Whether the table of a relay says `key` anywhere, in hex or base32.
    boolean relaysKnow(PublicKey key) {
        return relays().stream().anyMatch(node -> {
            String all = of(node).toString().toLowerCase(Locale.ROOT);
            return all.contains(key.hex()) || all.contains(key.base32());
        });
    }
}
