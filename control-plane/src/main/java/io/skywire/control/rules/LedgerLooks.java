package io.skywire.control.rules;

import com.google.protobuf.InvalidProtocolBufferException;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.RuleProtos;
import io.skywire.shared.rule.RuleTableDigest;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.stereotype.Component;

/// Where the ledger stands with nodes, and the deltas that lead there: what is read of `node_revisions` and
/// `node_rules`.
@Component
final class LedgerLooks {
    private static final String REVISIONS = """
            SELECT r.node, r.revision, coalesce(a.applied, 0) FROM node_revisions r
            LEFT JOIN node_applied a ON a.node = r.node WHERE r.node = ANY (?)""";

    /// What each node that holds `base` lacks of `revision`. Rules that came and went in between are not mentioned.
    private static final String INCREMENTS = """
            WITH held(node, base, revision) AS (SELECT * FROM unnest(?::bytea[], ?::bigint[], ?::bigint[]))
            SELECT r.node, r.id, r.ingress, r.ingress_id, r.forward_of, NULL::bytea AS rule FROM held
            JOIN node_rules r ON r.node = held.node AND r.revision_added <= held.base
              AND r.revision_removed > held.base AND r.revision_removed <= held.revision
            UNION ALL
            SELECT r.node, r.id, NULL, NULL, NULL, r.rule FROM held
            JOIN node_rules r ON r.node = held.node AND r.revision_added > held.base
              AND r.revision_added <= held.revision
              AND (r.revision_removed IS NULL OR r.revision_removed > held.revision)
            ORDER BY id""";

    private final JdbcTemplate jdbc;
    private final InstantSource clock;

    LedgerLooks(JdbcTemplate jdbc, InstantSource clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /// A node holds a revision that the ledger has never given out (the ledger was restored from an older copy): its
    /// counter goes on above that, so that the node believes what comes next.
    void outgrow(PublicKey node, long revision) {
        jdbc.update("""
                INSERT INTO node_revisions AS r (node, revision) VALUES (?, ?)
                ON CONFLICT (node) DO UPDATE SET revision = greatest(r.revision, excluded.revision)""", node.bytes(), revision + 1);
    }

    Revisions revisions(PublicKey node) {
        return revisions(Set.of(node)).getOrDefault(node, Revisions.NONE);
    }

    /// Of each node that ever had a rule.
    Map<PublicKey, Revisions> revisions(Collection<PublicKey> nodes) {
        NodeColumn known = new NodeColumn(nodes);
        Map<PublicKey, Revisions> revisions = new HashMap<>();
        jdbc.query(
                REVISIONS,
                row -> {
                    revisions.put(known.of(row), new Revisions(row.getLong(2), row.getLong(3)));
                },
                (Object) NodeColumn.arrayOf(nodes));
        return revisions;
    }

    /// A node, and the revision that it holds.
    record Held(PublicKey node, long revision) {}

    /// Where the ledger stands with a node, and what leads there; empty if nothing is newer, or if only a snapshot
    /// would do.
    record Look(Revisions at, Optional<RuleDelta> increment) {}

    /// Answers in the order of the questions. Two statements, however many nodes.
    List<Look> looks(List<Held> held) {
        List<PublicKey> nodes = held.stream().map(Held::node).toList();
        Map<PublicKey, Revisions> at = revisions(nodes);
        List<Held> behind = held.stream()
                .filter(one -> one.revision() > 0
                        && one.revision()
                                < at.getOrDefault(one.node(), Revisions.NONE).revision())
                .toList();
        Map<PublicKey, List<RuleKey>> removals = new HashMap<>();
        Map<PublicKey, List<Rule>> upserts = new HashMap<>();
        if (!behind.isEmpty()) {
            NodeColumn known = new NodeColumn(nodes);
            jdbc.query(
                    INCREMENTS,
                    row -> {
                        PublicKey node = known.of(row);
                        byte[] rule = row.getBytes(6);
                        if (rule == null) {
                            removals.computeIfAbsent(node, key -> new ArrayList<>())
                                    .add(KeyColumns.read(row, 3));
                        } else {
                            upserts.computeIfAbsent(node, key -> new ArrayList<>())
                                    .add(parsed(rule));
                        }
                    },
                    NodeColumn.arrayOf(behind.stream().map(Held::node).toList()),
                    behind.stream().map(Held::revision).toArray(Long[]::new),
                    behind.stream()
                            .map(one ->
                                    Objects.requireNonNull(at.get(one.node())).revision())
                            .toArray(Long[]::new));
        }
        Set<Held> increased = Set.copyOf(behind);
        List<Look> looks = new ArrayList<>();
        for (Held one : held) {
            Revisions where = at.getOrDefault(one.node(), Revisions.NONE);
            looks.add(new Look(
                    where,
                    increased.contains(one)
                            ? Optional.of(new RuleDelta(
                                    one.node(),
                                    RuleDelta.Kind.INCREMENT,
                                    one.revision(),
                                    where.revision(),
                                    removals.getOrDefault(one.node(), List.of()),
                                    upserts.getOrDefault(one.node(), List.of()),
                                    clock.instant()))
                            : Optional.empty()));
        }
        return looks;
    }

    /// An increment that needs no look.
    RuleDelta increment(PublicKey node, long base, KnownChanges.Next.Step step) {
        return new RuleDelta(
                node,
                RuleDelta.Kind.INCREMENT,
                base,
                step.revision(),
                step.removals(),
                step.upserts(),
                clock.instant());
    }

    /// How far the ledger is with a node, and how far the node has followed.
    record Revisions(long revision, long applied) {
        static final Revisions NONE = new Revisions(0, 0);
    }

    /// Whether a node's table is the one that its revision stands for.
    enum Table {
        SAME,
        DIFFERS,
        /// No digest was sent, or the ledger has forgotten what that revision was.
        UNKNOWN
    }

    record Place(Revisions at, Table table) {
        static final Place NONE = new Place(Revisions.NONE, Table.UNKNOWN);
    }

    /// Where the ledger stands with each node, and whether the node's table is what the ledger thinks. Two statements,
    /// however many nodes. Nodes that never had a rule are not in the answer.
    Map<PublicKey, Place> places(List<RuleWatch.Opening> openings) {
        Map<ByteBuffer, RuleWatch.Opening> byKey = new HashMap<>();
        openings.forEach(opening -> byKey.put(ByteBuffer.wrap(opening.node().bytes()), opening));
        Map<PublicKey, Revisions> revisions =
                revisions(byKey.values().stream().map(RuleWatch.Opening::node).toList());
        List<RuleWatch.Opening> comparable = byKey.values().stream()
                .filter(opening -> isComparable(opening.held(), revisions.get(opening.node())))
                .toList();
        Map<PublicKey, RuleTableDigest> tables = tables(comparable, byKey);
        Map<PublicKey, Place> places = new HashMap<>();
        revisions.forEach((node, at) -> places.put(node, new Place(at, Table.UNKNOWN)));
        for (RuleWatch.Opening opening : comparable) {
            boolean same = opening.held().digest().equals(Optional.ofNullable(tables.get(opening.node())));
            Revisions at = Objects.requireNonNull(revisions.get(opening.node()));
            places.put(opening.node(), new Place(at, same ? Table.SAME : Table.DIFFERS));
        }
        return places;
    }

    /// Removals up to `applied` are forgotten, so an older table cannot be told any more.
    private static boolean isComparable(HeldRules held, @Nullable Revisions at) {
        return at != null
                && held.digest().isPresent()
                && held.revision() > 0
                && held.revision() >= at.applied()
                && held.revision() <= at.revision();
    }

    /// Each node's table as it was at the revision that the node names.
    private Map<PublicKey, RuleTableDigest> tables(
            List<RuleWatch.Opening> openings, Map<ByteBuffer, RuleWatch.Opening> byKey) {
        Map<PublicKey, List<byte[]>> rules = new HashMap<>();
        openings.forEach(opening -> rules.put(opening.node(), new ArrayList<>()));
        if (!openings.isEmpty()) {
            jdbc.query(
                    """
                    SELECT r.node, r.rule FROM unnest(?::bytea[], ?::bigint[]) AS held(node, revision)
                    JOIN node_rules r ON r.node = held.node AND r.revision_added <= held.revision
                      AND (r.revision_removed IS NULL OR r.revision_removed > held.revision)""",
                    row -> {
                        PublicKey node = Objects.requireNonNull(byKey.get(ByteBuffer.wrap(row.getBytes(1))))
                                .node();
                        Objects.requireNonNull(rules.get(node)).add(row.getBytes(2));
                    },
                    keysOf(openings),
                    openings.stream().map(opening -> opening.held().revision()).toArray(Long[]::new));
        }
        Map<PublicKey, RuleTableDigest> tables = new HashMap<>();
        rules.forEach((node, ofNode) -> tables.put(node, RuleTableDigest.ofMessages(ofNode)));
        return tables;
    }

    private static byte[][] keysOf(Collection<RuleWatch.Opening> openings) {
        return NodeColumn.arrayOf(openings.stream().map(RuleWatch.Opening::node).toList());
    }

    /// All live rules of a node as they were at `revision`.
    RuleDelta snapshot(PublicKey node, long revision) {
        List<Rule> live = jdbc.query("""
                SELECT rule FROM node_rules WHERE node = ? AND revision_added <= ?
                  AND (revision_removed IS NULL OR revision_removed > ?) ORDER BY id""", RULE, node.bytes(), revision, revision);
        return new RuleDelta(node, RuleDelta.Kind.SNAPSHOT, 0, revision, List.of(), live, clock.instant());
    }

    private static final RowMapper<Rule> RULE = (row, number) -> parsed(row.getBytes(1));

    private static Rule parsed(byte[] rule) {
        try {
            return RuleProtos.fromProto(io.skywire.proto.v1.Rule.parseFrom(rule));
        } catch (InvalidProtocolBufferException damaged) {
            throw new IllegalStateException("the ledger holds a rule that is no rule", damaged);
        }
    }
}
