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
import java.util.TreeSet;
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

/// The tables `node_revisions` and `node_rules`: the ledger, and the deltas that follow from it.
@Component
final class NodeRules implements RuleLedger {
    /// One statement that locks in the order of the keys: a transaction that changes overlapping nodes waits, and two
    /// never wait for each other.
    private static final String RAISE = """
            INSERT INTO node_revisions AS r (node, revision)
            SELECT node, 1 FROM unnest(?::bytea[]) AS node ORDER BY node
            ON CONFLICT (node) DO UPDATE SET revision = r.revision + 1
            RETURNING node, revision""";

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
        Map<PublicKey, Long> revisions = raise(rules.keySet());
        List<Object[]> rows = new ArrayList<>();
        rules.forEach((node, ofNode) -> {
            for (Rule rule : ofNode) {
                KeyColumns key = KeyColumns.of(rule.key());
                rows.add(new Object[] {
                    node.bytes(),
                    key.ingress(),
                    key.ingressId(),
                    key.forwardOf(),
                    RuleProtos.toProto(rule).toByteArray(),
                    route.uuid(),
                    revisions.get(node)
                });
            }
        });
        try {
            jdbc.batchUpdate("""
                    INSERT INTO node_rules (node, ingress, ingress_id, forward_of, rule, route, revision_added)
                    VALUES (?, ?, ?, ?, ?, ?, ?)""", rows);
        } catch (DuplicateKeyException taken) {
            throw new RuleKeyTakenException(taken);
        }
        return revisions;
    }

    @Override
    public Map<PublicKey, Long> remove(RouteUid route, Set<PublicKey> nodes) {
        List<PublicKey> holders = jdbc.query(
                "SELECT DISTINCT node FROM node_rules WHERE route = ? AND node = ANY (?) AND revision_removed IS NULL",
                (row, number) -> PublicKey.of(row.getBytes(1)),
                route.uuid(),
                arrayOf(nodes));
        if (holders.isEmpty()) {
            return Map.of();
        }
        Map<PublicKey, Long> revisions = raise(holders);
        jdbc.update("""
                UPDATE node_rules SET revision_removed = r.revision FROM node_revisions r
                WHERE r.node = node_rules.node AND route = ? AND node_rules.node = ANY (?)
                  AND revision_removed IS NULL""", route.uuid(), arrayOf(holders));
        return revisions;
    }

    @Override
    public Set<RouteUid> routesOf(PublicKey node, Collection<RuleKey> keys) {
        Set<RouteUid> routes = new LinkedHashSet<>();
        for (RuleKey key : keys) {
            KeyColumns columns = KeyColumns.of(key);
            routes.addAll(jdbc.query(
                    "SELECT route FROM node_rules WHERE revision_removed IS NULL AND " + IS_KEY,
                    (row, number) -> new RouteUid(row.getObject(1, UUID.class)),
                    columns.after(node.bytes())));
        }
        return routes;
    }

    private Map<PublicKey, Long> raise(Collection<PublicKey> nodes) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException("rules change only inside the caller's transaction");
        }
        Map<PublicKey, Long> revisions = new TreeMap<>();
        jdbc.query(
                RAISE,
                row -> {
                    revisions.put(PublicKey.of(row.getBytes(1)), row.getLong(2));
                },
                (Object) arrayOf(new TreeSet<>(nodes)));
        events.publishEvent(new RulesChanged(Set.copyOf(revisions.keySet())));
        return revisions;
    }

    /// A node holds a revision that the ledger has never given out (the ledger was restored from an older copy): its
    /// counter goes on above that, so that the node believes what comes next.
    void outgrow(PublicKey node, long revision) {
        jdbc.update("""
                INSERT INTO node_revisions AS r (node, revision) VALUES (?, ?)
                ON CONFLICT (node) DO UPDATE SET revision = greatest(r.revision, excluded.revision)""", node.bytes(), revision + 1);
    }

    Optional<Revisions> revisions(PublicKey node) {
        return jdbc
                .query(
                        "SELECT revision, applied FROM node_revisions WHERE node = ?",
                        (row, number) -> new Revisions(row.getLong(1), row.getLong(2)),
                        (Object) node.bytes())
                .stream()
                .findFirst();
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
        Map<PublicKey, Revisions> revisions = new HashMap<>();
        jdbc.query(
                "SELECT node, revision, applied FROM node_revisions WHERE node = ANY (?)",
                row -> {
                    RuleWatch.Opening opening = Objects.requireNonNull(byKey.get(ByteBuffer.wrap(row.getBytes(1))));
                    revisions.put(opening.node(), new Revisions(row.getLong(2), row.getLong(3)));
                },
                (Object) keysOf(byKey.values()));
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

    /// What a node that holds `base` lacks of `revision`. Rules that came and went in between are not mentioned.
    RuleDelta increment(PublicKey node, long base, long revision) {
        List<RuleKey> removals =
                jdbc.query("""
                SELECT ingress, ingress_id, forward_of FROM node_rules
                WHERE node = ? AND revision_added <= ? AND revision_removed > ? AND revision_removed <= ?
                ORDER BY id""", (row, number) -> KeyColumns.read(row), node.bytes(), base, base, revision);
        List<Rule> upserts = jdbc.query("""
                SELECT rule FROM node_rules WHERE node = ? AND revision_added > ? AND revision_added <= ?
                  AND (revision_removed IS NULL OR revision_removed > ?) ORDER BY id""", RULE, node.bytes(), base, revision, revision);
        return new RuleDelta(node, RuleDelta.Kind.INCREMENT, base, revision, removals, upserts, clock.instant());
    }

    /// The node has applied `delta` without the refused rules. Those are forgotten, not removed: their keys may name
    /// somebody else's rules on that node. Removals that the node has made are forgotten too.
    List<RuleRefused> applied(RuleDelta delta, Collection<RuleWatch.Refusal> refusals) {
        return Objects.requireNonNull(transaction.execute(status -> {
            List<RuleRefused> told =
                    refusals.stream().flatMap(refusal -> forget(delta, refusal)).toList();
            jdbc.update(
                    "UPDATE node_revisions SET applied = greatest(applied, ?) WHERE node = ?",
                    delta.revision(),
                    delta.node().bytes());
            jdbc.update(
                    "DELETE FROM node_rules WHERE node = ? AND revision_removed <= ?",
                    delta.node().bytes(),
                    delta.revision());
            return told;
        }));
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

    private static final RowMapper<Rule> RULE = (row, number) -> {
        try {
            return RuleProtos.fromProto(io.skywire.proto.v1.Rule.parseFrom(row.getBytes(1)));
        } catch (InvalidProtocolBufferException damaged) {
            throw new IllegalStateException("the ledger holds a rule that is no rule", damaged);
        }
    };

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

        static RuleKey read(ResultSet row) throws SQLException {
            UUID ingress = row.getObject(1, UUID.class);
            return ingress == null
                    ? new RuleKey.ForwardOf(new RouteUid(row.getObject(3, UUID.class)))
                    : new RuleKey.Ingress(new TransportId(ingress), new RouteId((int) row.getLong(2)));
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
