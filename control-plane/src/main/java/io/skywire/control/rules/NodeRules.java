package io.skywire.control.rules;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.rule.RuleProtos;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/// The ledger's writing side: the tables `node_revisions` and `node_rules`.
@Component
final class NodeRules implements RuleLedger {
    /// One statement that locks in the order of the keys: a transaction that changes overlapping nodes waits, and two
    /// never wait for each other.
    private static final String RAISE = """
            INSERT INTO node_revisions AS r (node, revision)
            SELECT node, 1 FROM %s AS node ORDER BY node
            ON CONFLICT (node) DO UPDATE SET revision = r.revision + 1
            RETURNING node, revision""";

    /// The commit waits for no disk, so the nodes' rows are locked for a shorter time. Nothing is promised yet: the
    /// write that makes the route active waits for the disk, and with itself for all that was written before.
    private static final String INSTALL = """
            WITH raised AS (%s), added AS (
                INSERT INTO node_rules (node, ingress, ingress_id, forward_of, rule, route, revision_added)
                SELECT raised.node, new.ingress, new.ingress_id, new.forward_of, new.rule, new.route, raised.revision
                FROM unnest(?::bytea[], ?::uuid[], ?::bigint[], ?::uuid[], ?::bytea[], ?::uuid[])
                    AS new(node, ingress, ingress_id, forward_of, rule, route)
                JOIN raised ON raised.node = new.node)
            SELECT node, revision, set_config('synchronous_commit', 'off', true) FROM raised""".formatted(RAISE.formatted("unnest(?::bytea[])"));

    private static final String REMOVE = """
            WITH raised AS (%s), gone AS (
                UPDATE node_rules AS g SET revision_removed = raised.revision FROM raised
                WHERE g.node = raised.node AND g.route = ANY (?) AND g.revision_removed IS NULL
                RETURNING g.node, g.ingress, g.ingress_id, g.forward_of, g.revision_added)
            SELECT raised.node, raised.revision, gone.ingress, gone.ingress_id, gone.forward_of, gone.revision_added
            FROM raised LEFT JOIN gone ON gone.node = raised.node""".formatted(RAISE.formatted("""
            (SELECT DISTINCT node FROM node_rules WHERE route = ANY (?) AND node = ANY (?) AND revision_removed IS NULL)"""));

    private final JdbcTemplate jdbc;
    private final ApplicationEventPublisher events;

    NodeRules(JdbcTemplate jdbc, ApplicationEventPublisher events) {
        this.jdbc = jdbc;
        this.events = events;
    }

    @Override
    public Map<PublicKey, Long> install(Map<RouteUid, Map<PublicKey, List<Rule>>> rules) {
        requireTransaction();
        List<byte[]> nodes = new ArrayList<>();
        List<KeyColumns> keys = new ArrayList<>();
        List<byte[]> written = new ArrayList<>();
        List<UUID> routes = new ArrayList<>();
        Map<PublicKey, List<Rule>> byNode = new HashMap<>();
        rules.forEach((route, ofRoute) -> ofRoute.forEach((node, ofNode) -> {
            byNode.computeIfAbsent(node, key -> new ArrayList<>()).addAll(ofNode);
            for (Rule rule : ofNode) {
                nodes.add(node.bytes());
                keys.add(KeyColumns.of(rule.key()));
                written.add(RuleProtos.toProto(rule).toByteArray());
                routes.add(route.uuid());
            }
        }));
        NodeColumn known = new NodeColumn(byNode.keySet());
        Map<PublicKey, Long> revisions = new TreeMap<>();
        try {
            jdbc.query(
                    INSTALL,
                    row -> {
                        revisions.put(known.of(row), row.getLong(2));
                    },
                    NodeColumn.arrayOf(byNode.keySet()),
                    nodes.toArray(byte[][]::new),
                    keys.stream().map(KeyColumns::ingress).toArray(UUID[]::new),
                    keys.stream().map(KeyColumns::ingressId).toArray(Long[]::new),
                    keys.stream().map(KeyColumns::forwardOf).toArray(UUID[]::new),
                    written.toArray(byte[][]::new),
                    routes.toArray(UUID[]::new));
        } catch (DuplicateKeyException taken) {
            throw new RuleKeyTakenException(taken);
        }
        Map<PublicKey, RuleChange> changes = new HashMap<>();
        revisions.forEach((node, revision) ->
                changes.put(node, new RuleChange(revision, List.of(), byNode.getOrDefault(node, List.of()))));
        events.publishEvent(new RulesChanged(changes));
        return revisions;
    }

    @Override
    public Map<PublicKey, Long> remove(Collection<RouteUid> routes, Set<PublicKey> nodes) {
        requireTransaction();
        UUID[] ids = routes.stream().map(RouteUid::uuid).toArray(UUID[]::new);
        NodeColumn known = new NodeColumn(nodes);
        Map<PublicKey, Long> revisions = new TreeMap<>();
        Map<PublicKey, List<RuleChange.Removed>> gone = new HashMap<>();
        jdbc.query(
                REMOVE,
                row -> {
                    PublicKey node = known.of(row);
                    revisions.put(node, row.getLong(2));
                    List<RuleChange.Removed> ofNode = gone.computeIfAbsent(node, key -> new ArrayList<>());
                    long added = row.getLong(6);
                    if (!row.wasNull()) {
                        ofNode.add(new RuleChange.Removed(KeyColumns.read(row, 3), added));
                    }
                },
                ids,
                NodeColumn.arrayOf(nodes),
                ids);
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
    public void forget(Collection<RouteUid> routes) {
        if (!routes.isEmpty()) {
            jdbc.update("DELETE FROM node_rules WHERE route = ANY (?) AND revision_removed IS NOT NULL", (Object)
                    routes.stream().map(RouteUid::uuid).toArray(UUID[]::new));
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
}
