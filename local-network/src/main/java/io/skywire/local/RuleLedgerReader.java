package io.skywire.local;

import com.google.protobuf.InvalidProtocolBufferException;
import io.skywire.proto.v1.Rule;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.RuleProtos;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The live rules of the ledger at one moment, by node, each under a name that a node's own listing gives it too.
record RuleLedgerReader(Map<PublicKey, Set<String>> rules) {
    static RuleLedgerReader read(EmbeddedDatabase database) {
        Map<PublicKey, Set<String>> rules = new HashMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT node, rule FROM node_rules WHERE revision_removed IS NULL")) {
            while (rows.next()) {
                rules.computeIfAbsent(PublicKey.of(rows.getBytes(1)), node -> new HashSet<>())
                        .add(name(RuleProtos.fromProto(Rule.parseFrom(rows.getBytes(2)))
                                .key()));
            }
            return new RuleLedgerReader(rules);
        } catch (SQLException | InvalidProtocolBufferException failure) {
            throw new NetworkFailure("the rule ledger cannot be read: " + failure.getMessage());
        }
    }

    Set<String> of(PublicKey node) {
        return rules.getOrDefault(node, Set.of());
    }

    static String name(RuleKey key) {
        return switch (key) {
            case RuleKey.Ingress ingress -> "rule " + ingress.routeId().value() + " of " + ingress.transport();
            case RuleKey.ForwardOf forward -> "forward of " + forward.route();
        };
    }

    /// The name of a rule in a node's own listing.
    static String name(JsonNode rule) {
        return rule.path("kind").asString("").equals("forward")
                ? "forward of " + rule.path("route").asString("")
                : "rule " + rule.path("ingress_id").asLong(0) + " of "
                        + rule.path("ingress").asString("");
    }
}
