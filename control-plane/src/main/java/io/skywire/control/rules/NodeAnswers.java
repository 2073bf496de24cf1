package io.skywire.control.rules;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.RuleDelta;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// What nodes have answered to their rules: the tables `node_applied` and `rule_refusals`.
@Component
final class NodeAnswers {
    /// Acknowledgements wait for no disk: what a crash loses is acknowledged again, or forgotten later.
    private static final String NO_WAITING = "SET LOCAL synchronous_commit TO off";

    private static final String APPLIED = """
            WITH acked(node, revision) AS (SELECT * FROM unnest(?::bytea[], ?::bigint[])), noted AS (
                INSERT INTO node_applied AS a (node, applied) SELECT node, revision FROM acked ORDER BY node
                ON CONFLICT (node) DO UPDATE SET applied = greatest(a.applied, excluded.applied))
            DELETE FROM node_rules r USING acked WHERE r.node = acked.node AND r.revision_removed <= acked.revision""";

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;

    NodeAnswers(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.transaction = new TransactionTemplate(transactions);
    }

    /// Nodes have applied these revisions. Removals that they have made are forgotten.
    void applied(List<Map.Entry<PublicKey, Long>> revisions) {
        transaction.executeWithoutResult(status -> {
            jdbc.execute(NO_WAITING);
            noteApplied(revisions);
        });
    }

    private void noteApplied(List<Map.Entry<PublicKey, Long>> revisions) {
        jdbc.update(
                APPLIED,
                NodeColumn.arrayOf(revisions.stream().map(Map.Entry::getKey).toList()),
                revisions.stream().map(Map.Entry::getValue).toArray(Long[]::new));
    }

    /// The node has applied `delta` without the refused rules. Those are forgotten, not removed: their keys may name
    /// somebody else's rules on that node. What was refused is kept for a while, for setups of other replicas.
    List<RuleRefused> refused(RuleDelta delta, Collection<RuleWatch.Refusal> refusals) {
        return Objects.requireNonNull(transaction.execute(status -> {
            noteApplied(List.of(Map.entry(delta.node(), delta.revision())));
            List<RuleRefused> told =
                    refusals.stream().flatMap(refusal -> forget(delta, refusal)).toList();
            jdbc.batchUpdate(
                    """
                    INSERT INTO rule_refusals (node, revision, route, ingress, ingress_id, forward_of, reason, detail)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
                    told.stream().map(one -> refusalRow(delta.revision(), one)).toList());
            return told;
        }));
    }

    private static Object[] refusalRow(long revision, RuleRefused refused) {
        KeyColumns key = KeyColumns.of(refused.rule());
        return new Object[] {
            refused.node().bytes(),
            revision,
            refused.route().uuid(),
            key.ingress(),
            key.ingressId(),
            key.forwardOf(),
            refused.reason().name(),
            refused.detail()
        };
    }

    /// The node has refused a whole delta.
    void refused(DeltaRefused refused) {
        jdbc.update(
                "INSERT INTO rule_refusals (node, revision, reason, detail) VALUES (?, ?, ?, ?)",
                refused.node().bytes(),
                refused.revision(),
                refused.reason().name(),
                refused.detail());
    }

    /// Refusals that no setup can wait for any more.
    void forgetOldRefusals() {
        jdbc.update("DELETE FROM rule_refusals WHERE at < clock_timestamp() - interval '2 minutes'");
    }

    /// What a node has answered, as far as the ledger keeps it.
    record Answers(long applied, List<Refused> refused) {}

    /// A [RuleRefused] or a [DeltaRefused], and the revision that the refused delta led to.
    record Refused(long revision, Object event) {}

    Map<PublicKey, Answers> answers(Collection<PublicKey> nodes) {
        NodeColumn known = new NodeColumn(nodes);
        Map<PublicKey, Long> applied = new HashMap<>();
        // First: refusals are written together with the acknowledgement that they belong to, so none is missed.
        jdbc.query(
                "SELECT node, applied FROM node_applied WHERE node = ANY (?)",
                row -> {
                    applied.put(known.of(row), row.getLong(2));
                },
                (Object) NodeColumn.arrayOf(nodes));
        Map<PublicKey, List<Refused>> refused = new HashMap<>();
        jdbc.query(
                """
                SELECT node, revision, ingress, ingress_id, forward_of, route, reason, detail FROM rule_refusals
                WHERE node = ANY (?) ORDER BY id""",
                row -> {
                    PublicKey node = known.of(row);
                    refused.computeIfAbsent(node, key -> new ArrayList<>()).add(refused(node, row));
                },
                (Object) NodeColumn.arrayOf(nodes));
        Map<PublicKey, Answers> answers = new HashMap<>();
        nodes.forEach(node ->
                answers.put(node, new Answers(applied.getOrDefault(node, 0L), refused.getOrDefault(node, List.of()))));
        return answers;
    }

    private static Refused refused(PublicKey node, ResultSet row) throws SQLException {
        UUID route = row.getObject(6, UUID.class);
        Object event = route == null
                ? new DeltaRefused(
                        node, row.getLong(2), DeltaRefused.Reason.valueOf(row.getString(7)), row.getString(8))
                : new RuleRefused(
                        node,
                        KeyColumns.read(row, 3),
                        new RouteUid(route),
                        RuleRefused.Reason.valueOf(row.getString(7)),
                        row.getString(8));
        return new Refused(row.getLong(2), event);
    }

    private Stream<RuleRefused> forget(RuleDelta delta, RuleWatch.Refusal refusal) {
        return jdbc
                .query(
                        "DELETE FROM node_rules WHERE " + KeyColumns.IS
                                + " AND revision_added > ? AND revision_added <= ? RETURNING route",
                        (row, number) -> new RouteUid(row.getObject(1, UUID.class)),
                        KeyColumns.of(refusal.rule())
                                .after(delta.node().bytes(), delta.baseRevision(), delta.revision()))
                .stream()
                .map(route -> new RuleRefused(delta.node(), refusal.rule(), route, refusal.reason(), refusal.detail()));
    }
}
