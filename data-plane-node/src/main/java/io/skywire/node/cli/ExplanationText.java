package io.skywire.node.cli;

import io.skywire.shared.key.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/// What an explanation looks like on a terminal. Reads what it knows of the object and passes over the rest: a newer
/// control plane may say more.
final class ExplanationText {
    private final Peers peers;

    ExplanationText(Peers peers) {
        this.peers = peers;
    }

    String of(JsonNode told) {
        StringBuilder text = new StringBuilder("to ")
                .append(peer(told.path("to")))
                .append(": ")
                .append(told.path("detail").asString(""))
                .append("\nsnapshot ")
                .append(told.at("/snapshot/version").asString("?"))
                .append(", ")
                .append(told.at("/snapshot/ageMillis").asString("?"))
                .append(" ms old");
        if (told.path("extent").asString("").equals("CUT")) {
            text.append("; the work bound ended the search, there may be better");
        }
        if (told.path("route").isObject()) {
            text.append("\n\n").append(hops(told.path("route")));
        }
        if (!told.path("others").isEmpty()) {
            text.append("\n\n").append(others(told.path("others")));
        }
        if (told.path("cut").isObject()) {
            text.append("\n\n").append(cut(told.path("cut")));
        }
        if (!told.path("excluded").isEmpty()) {
            text.append("\n\n").append(exclusions("EXCLUDED", told.path("excluded")));
        }
        return text.toString();
    }

    private String hops(JsonNode route) {
        Table table = new Table()
                .left("TRANSPORT", "FROM", "TO")
                .right("COST", "ROUND TRIP", "LOSS", "LOAD", "HOP", "DOUBT", "SETTLING", "BLAME");
        for (JsonNode hop : route.path("hops")) {
            JsonNode parts = hop.path("parts");
            table.row(
                    Readable.shortId(hop.path("transport").asString("")),
                    peer(hop.path("from")),
                    peer(hop.path("to")),
                    millis(hop.path("cost")),
                    millis(parts.path("roundTrip")),
                    millis(parts.path("loss")),
                    millis(parts.path("load")),
                    millis(parts.path("hop")),
                    millis(parts.path("doubt")),
                    millis(parts.path("settling")),
                    millis(parts.path("blame")));
        }
        return table.text("");
    }

    private String others(JsonNode others) {
        Table table = new Table().left("ALSO", "OVER").right("COST", "MORE");
        for (JsonNode other : others) {
            List<String> over = new ArrayList<>();
            for (JsonNode hop : other.path("hops")) {
                over.add(peer(hop.path("to")));
            }
            table.row(
                    other.path("standing").asString("").toLowerCase(Locale.ROOT).replace('_', ' '),
                    over.size() < 2 ? "directly" : String.join(", ", over.subList(0, over.size() - 1)),
                    millis(other.path("cost")),
                    millis(other.path("extraCost")));
        }
        return table.text("");
    }

    private String cut(JsonNode cut) {
        StringBuilder text = new StringBuilder("this side: ")
                .append(Readable.count(cut.at("/source/nodes").asLong(0), "node"))
                .append("; the other side: ")
                .append(Readable.count(cut.at("/target/nodes").asLong(0), "node"));
        if (cut.path("leastHops").isIntegralNumber()) {
            text.append("; they are joined by ")
                    .append(cut.path("leastHops").asString(""))
                    .append(" hops at least");
        }
        return cut.path("missing").isEmpty()
                ? text.toString()
                : text.append("\n")
                        .append(exclusions("WOULD JOIN", cut.path("missing")))
                        .toString();
    }

    private String exclusions(String title, JsonNode exclusions) {
        Table table = new Table().left(title, "TRANSPORT", "NODES", "WHY");
        for (JsonNode exclusion : exclusions) {
            List<String> nodes = new ArrayList<>();
            exclusion.path("nodes").forEach(node -> nodes.add(peer(node)));
            table.row(
                    exclusion
                            .path("reason")
                            .asString("")
                            .toLowerCase(Locale.ROOT)
                            .replace('_', ' '),
                    exclusion.path("transport").isString()
                            ? Readable.shortId(exclusion.path("transport").asString(""))
                            : "-",
                    String.join(", ", nodes),
                    exclusion.path("detail").asString(""));
        }
        return table.text("");
    }

    private String peer(JsonNode key) {
        return peers.show(PublicKey.parse(key.asString("")));
    }

    private static String millis(JsonNode micros) {
        return String.format(Locale.ROOT, "%.2f ms", micros.asLong(0) / 1e3);
    }
}
