package io.skywire.control.rules;

import com.google.protobuf.InvalidProtocolBufferException;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleDelta;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.RuleProtos;
import io.skywire.shared.rule.RuleTableDigest;
import io.skywire.shared.transport.TransportId;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/// The tables `node_revisions`, `node_rules`, `node_applied` and `rule_refusals`: the ledger, the deltas that follow
/// from
/// it, and what nodes answered.
@Component
final class NodeRules implements RuleLedger {
    /// One statement that locks in the order of the keys: a transaction that changes overlapping nodes waits, and two
    /// never wait for each other.
    private static final String RAISE = """
            INSERT INTO node_revisions AS r (node, revision)
            SELECT node, 1 FROM %s AS node ORDER BY node
            ON CONFLICT (node) DO UPDATE SET revision = r.revision + 1
            RETURNING node, revision""";

    private static final String INSTALL = """
            WITH raised AS (%s), added AS (
                INSERT INTO node_rules (node, ingress, ingress_id, forward_of, rule, route, revision_added)
                SELECT raised.node, new.ingress, new.ingress_id, new.forward_of, new.rule, ?::uuid, raised.revision
                FROM unnest(?::bytea[], ?::uuid[], ?::bigint[], ?::uuid[], ?::bytea[])
                    AS new(node, ingress, ingress_id, forward_of, rule)
                JOIN raised ON raised.node = new.node)
            SELECT node, revision FROM raised""".formatted(RAISE.formatted("unnest(?::bytea[])"));

    private static final String REMOVE = """
            WITH raised AS (%s), gone AS (
                UPDATE node_rules AS g SET revision_removed = raised.revision FROM raised
                WHERE g.node = raised.node AND g.route = ? AND g.revision_removed IS NULL
                RETURNING g.node, g.ingress, g.ingress_id, g.forward_of, g.revision_added)
            SELECT raised.node, raised.revision, gone.ingress, gone.ingress_id, gone.forward_of, gone.revision_added
            FROM raised LEFT JOIN gone ON gone.node = raised.node""".formatted(RAISE.formatted("""
            (SELECT DISTINCT node FROM node_rules WHERE route = ? AND node = ANY (?) AND revision_removed IS NULL)"""));

    /// Acknowledgements wait for no disk: what a crash loses is acknowledged again, or forgotten later.
    private static final String NO_WAITING = "SET LOCAL synchronous_commit TO off";

    private static final String APPLIED = """
            WITH acked(node, revision) AS (SELECT * FROM unnest(?::bytea[], ?::bigint[])), noted AS (
                INSERT INTO node_applied AS a (node, applied) SELECT node, revision FROM acked ORDER BY node
                ON CONFLICT (node) DO UPDATE SET applied = greatest(a.applied, excluded.applied))
            DELETE FROM node_rules r USING acked WHERE r.node = acked.node AND r.revision_removed <= acked.revision""";

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

    private static final String IS_KEY = """
            node = ? AND ingress IS NOT DISTINCT FROM ?::uuid AND ingress_id IS NOT DISTINCT FROM ?::bigint
            AND forward_of IS NOT DISTINCT FROM ?::uuid""";

    private final JdbcTemplate jdbc;
    private final ApplicationEventPublisher events;
    private final InstantSource clock;
    private final TransactionTemplate transaction;

    NodeRules(
            JdbcTemplate jdbc,
            ApplicationEventPublisher events,
            InstantSource clock,
            PlatformTransactionManager transactions) {
        this.transaction = new TransactionTemplate(transactions);
        this.jdbc = jdbc;
        this.events = events;
        this.clock = clock;
    }

    @Override
    public Map<PublicKey, Long> install(RouteUid route, Map<PublicKey, List<Rule>> rules) {
        requireTransaction();
        List<byte[]> nodes = new ArrayList<>();
        List<KeyColumns> keys = new ArrayList<>();
        List<byte[]> written = new ArrayList<>();
        rules.forEach((node, ofNode) -> {
            for (Rule rule : ofNode) {
                nodes.add(node.bytes());
                keys.add(KeyColumns.of(rule.key()));
                written.add(RuleProtos.toProto(rule).toByteArray());
            }
        });
        Map<ByteBuffer, PublicKey> known = byBytes(rules.keySet());
        Map<PublicKey, Long> revisions = new TreeMap<>();
        try {
            jdbc.query(
                    INSTALL,
                    row -> {
                        revisions.put(node(row, known), row.getLong(2));
                    },
                    arrayOf(rules.keySet()),
                    route.uuid(),
                    nodes.toArray(byte[][]::new),
                    keys.stream().map(KeyColumns::ingress).toArray(UUID[]::new),
                    keys.stream().map(KeyColumns::ingressId).toArray(Long[]::new),
                    keys.stream().map(KeyColumns::forwardOf).toArray(UUID[]::new),
                    written.toArray(byte[][]::new));
        } catch (DuplicateKeyException taken) {
            throw new RuleKeyTakenException(taken);
        }
        Map<PublicKey, RuleChange> changes = new HashMap<>();
        revisions.forEach((node, revision) ->
                changes.put(node, new RuleChange(revision, List.of(), rules.getOrDefault(node, List.of()))));
        events.publishEvent(new RulesChanged(changes));
        return revisions;
    }

    @Override
    public Map<PublicKey, Long> remove(RouteUid route, Set<PublicKey> nodes) {
        requireTransaction();
        Map<ByteBuffer, PublicKey> known = byBytes(nodes);
        Map<PublicKey, Long> revisions = new TreeMap<>();
        Map<PublicKey, List<RuleChange.Removed>> gone = new HashMap<>();
        jdbc.query(
                REMOVE,
                row -> {
                    PublicKey node = node(row, known);
                    revisions.put(node, row.getLong(2));
                    List<RuleChange.Removed> ofNode = gone.computeIfAbsent(node, key -> new ArrayList<>());
                    long added = row.getLong(6);
                    if (!row.wasNull()) {
                        ofNode.add(new RuleChange.Removed(KeyColumns.read(row, 3), added));
                    }
                },
                route.uuid(),
                arrayOf(nodes),
                route.uuid());
        if (!revisions.isEmpty()) {
            Map<PublicKey, RuleChange> changes = new HashMap<>();
            revisions.forEach((node, revision) ->
                    changes.put(node, new RuleChange(revision, gone.getOrDefault(node, List.of()), List.of())));
            events.publishEvent(new RulesChanged(changes));
        }
        return revisions;
    }

    private static void requireTransaction() {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException("rules change only inside the caller's transaction");
        }
    }

    @Override
    public Set<RouteUid> routesOf(PublicKey node, Collection<RuleKey> keys) {
        List<KeyColumns> columns = keys.stream().map(KeyColumns::of).toList();
        return new LinkedHashSet<>(jdbc.query(
                """
                SELECT r.route FROM unnest(?::uuid[], ?::bigint[]) AS k(ingress, ingress_id)
                JOIN node_rules r ON r.node = ? AND r.ingress = k.ingress AND r.ingress_id = k.ingress_id
                  AND r.revision_removed IS NULL
                UNION
                SELECT r.route FROM node_rules r
                WHERE r.node = ? AND r.forward_of = ANY (?) AND r.revision_removed IS NULL""",
                (row, number) -> new RouteUid(row.getObject(1, UUID.class)),
                columns.stream().map(KeyColumns::ingress).toArray(UUID[]::new),
                columns.stream().map(KeyColumns::ingressId).toArray(Long[]::new),
                node.bytes(),
                node.bytes(),
                columns.stream().map(KeyColumns::forwardOf).toArray(UUID[]::new)));
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
        Map<ByteBuffer, PublicKey> known = byBytes(nodes);
        Map<PublicKey, Revisions> revisions = new HashMap<>();
        jdbc.query(
                REVISIONS,
                row -> {
                    revisions.put(node(row, known), new Revisions(row.getLong(2), row.getLong(3)));
                },
                (Object) arrayOf(nodes));
        return revisions;
    }

    private static Map<ByteBuffer, PublicKey> byBytes(Collection<PublicKey> nodes) {
        Map<ByteBuffer, PublicKey> known = new HashMap<>();
        nodes.forEach(node -> known.put(ByteBuffer.wrap(node.bytes()), node));
        return known;
    }

    /// The key in the first column: one of those that were asked for, so it need not be checked again.
    private static PublicKey node(ResultSet row, Map<ByteBuffer, PublicKey> known) throws SQLException {
        return Objects.requireNonNull(known.get(ByteBuffer.wrap(row.getBytes(1))));
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
            Map<ByteBuffer, PublicKey> known = byBytes(nodes);
            jdbc.query(
                    INCREMENTS,
                    row -> {
                        PublicKey node = node(row, known);
                        byte[] rule = row.getBytes(6);
                        if (rule == null) {
                            removals.computeIfAbsent(node, key -> new ArrayList<>())
                                    .add(KeyColumns.read(row, 3));
                        } else {
                            upserts.computeIfAbsent(node, key -> new ArrayList<>())
                                    .add(parsed(rule));
                        }
                    },
                    arrayOf(behind.stream().map(Held::node).toList()),
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
        return arrayOf(openings.stream().map(RuleWatch.Opening::node).toList());
    }

    /// All live rules of a node as they were at `revision`.
    RuleDelta snapshot(PublicKey node, long revision) {
        List<Rule> live = jdbc.query("""
                SELECT rule FROM node_rules WHERE node = ? AND revision_added <= ?
                  AND (revision_removed IS NULL OR revision_removed > ?) ORDER BY id""", RULE, node.bytes(), revision, revision);
        return new RuleDelta(node, RuleDelta.Kind.SNAPSHOT, 0, revision, List.of(), live, clock.instant());
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
                arrayOf(revisions.stream().map(Map.Entry::getKey).toList()),
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
        Map<ByteBuffer, PublicKey> known = byBytes(nodes);
        Map<PublicKey, Long> applied = new HashMap<>();
        // First: refusals are written together with the acknowledgement that they belong to, so none is missed.
        jdbc.query(
                "SELECT node, applied FROM node_applied WHERE node = ANY (?)",
                row -> {
                    applied.put(node(row, known), row.getLong(2));
                },
                (Object) arrayOf(nodes));
        Map<PublicKey, List<Refused>> refused = new HashMap<>();
        jdbc.query(
                """
                SELECT node, revision, ingress, ingress_id, forward_of, route, reason, detail FROM rule_refusals
                WHERE node = ANY (?) ORDER BY id""",
                row -> {
                    PublicKey node = node(row, known);
                    refused.computeIfAbsent(node, key -> new ArrayList<>()).add(refused(node, row));
                },
                (Object) arrayOf(nodes));
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
                        "DELETE FROM node_rules WHERE " + IS_KEY
                                + " AND revision_added > ? AND revision_added <= ? RETURNING route",
                        (row, number) -> new RouteUid(row.getObject(1, UUID.class)),
                        KeyColumns.of(refusal.rule())
                                .after(delta.node().bytes(), delta.baseRevision(), delta.revision()))
                .stream()
                .map(route -> new RuleRefused(delta.node(), refusal.rule(), route, refusal.reason(), refusal.detail()));
    }

    private static byte[][] arrayOf(Collection<PublicKey> nodes) {
        return nodes.stream().map(PublicKey::bytes).toArray(byte[][]::new);
    }

    private static final RowMapper<Rule> RULE = (row, number) -> parsed(row.getBytes(1));

    private static Rule parsed(byte[] rule) {
        try {
            return RuleProtos.fromProto(io.skywire.proto.v1.Rule.parseFrom(rule));
        } catch (InvalidProtocolBufferException damaged) {
            throw new IllegalStateException("the ledger holds a rule that is no rule", damaged);
        }
    }

    /// A rule's key as the table has it.
    private record KeyColumns(
            @Nullable UUID ingress,
            @Nullable Long ingressId,
            @Nullable UUID forwardOf) {
        static KeyColumns of(RuleKey key) {
            return switch (key) {
                case RuleKey.Ingress ingress ->
                    new KeyColumns(ingress.transport().uuid(), ingress.routeId().value(), null);
                case RuleKey.ForwardOf forward ->
                    new KeyColumns(null, null, forward.route().uuid());
            };
        }

        /// From three columns in a row.
        static RuleKey read(ResultSet row, int first) throws SQLException {
            UUID ingress = row.getObject(first, UUID.class);
            return ingress == null
                    ? new RuleKey.ForwardOf(new RouteUid(row.getObject(first + 2, UUID.class)))
                    : new RuleKey.Ingress(new TransportId(ingress), new RouteId((int) row.getLong(first + 1)));
        }

        /// The parameters of [#IS_KEY], and those that follow it.
        @Nullable
        Object[] after(byte[] node, Object... more) {
            @Nullable Object[] all = new @Nullable Object[4 + more.length];
            all[0] = node;
            all[1] = ingress;
            all[2] = ingressId;
            all[3] = forwardOf;
            System.arraycopy(more, 0, all, 4, more.length);
            return all;
        }
    }
}
