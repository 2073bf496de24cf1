package io.skywire.control.directory;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.node.NodeAddress;
import io.skywire.shared.node.NodeFacts;
import io.skywire.shared.node.NodeFacts.Visibility;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Service;

/// The node directory in PostgreSQL.
@Service
final class StoredNodeBook implements NodeBook {
    private static final String LISTED = """
            SELECT coalesce(f.public_key, u.public_key) AS public_key,
                   coalesce(f.software, u.version) AS software, coalesce(f.public, false) AS public,
                   coalesce(f.addresses, '{}') AS addresses, coalesce(u.updated_at >= ?, false) AS online,
                   greatest(u.updated_at, f.told_at) AS last_seen, r.reachable, r.dialled_at
            """;

    /// Nodes ask every quarter of an hour; what is older than four of them is no longer known.
    private static final Duration REMEMBERED = Duration.ofHours(1);

    private final JdbcTemplate jdbc;
    private final UptimeLedger uptime;
    private final InstantSource clock;
    private final UptimeSettings settings;

    StoredNodeBook(JdbcTemplate jdbc, UptimeLedger uptime, InstantSource clock, UptimeSettings settings) {
        this.jdbc = jdbc;
        this.uptime = uptime;
        this.clock = clock;
        this.settings = settings;
    }

    /// Every node tells at the start of each session, mostly what is known: then nothing is written.
    @Override
    public void told(PublicKey node, String software, NodeFacts facts) {
        jdbc.update(connection -> {
            var statement = connection.prepareStatement("""
                    INSERT INTO node_facts AS f (public_key, software, public, addresses, told_at) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (public_key) DO UPDATE SET
                        software = excluded.software, public = excluded.public, addresses = excluded.addresses,
                        told_at = excluded.told_at
                    WHERE (f.software, f.public, f.addresses)
                        IS DISTINCT FROM (excluded.software, excluded.public, excluded.addresses)
                    """);
            statement.setBytes(1, node.bytes());
            statement.setString(2, UptimeLedger.printable(software));
            statement.setBoolean(3, facts.visibility() == Visibility.PUBLIC);
            statement.setArray(
                    4,
                    connection.createArrayOf(
                            "text",
                            facts.addresses().stream()
                                    .map(NodeAddress::toString)
                                    .toArray()));
            statement.setTimestamp(5, Timestamp.from(clock.instant()));
            return statement;
        });
    }

    @Override
    public void present(Collection<PublicKey> nodes) {
        uptime.present(nodes);
    }

    /// What is known of a node, from its sessions or its updates.
    Optional<ListedNode> find(PublicKey node) {
        return jdbc.query(LISTED + """
                        FROM (SELECT ?::bytea AS public_key) k
                        LEFT JOIN node_facts f ON f.public_key = k.public_key
                        LEFT JOIN node_uptime u ON u.public_key = k.public_key
                        LEFT JOIN node_reachability r ON r.public_key = k.public_key
                        WHERE f.public_key IS NOT NULL OR u.public_key IS NOT NULL
                        """, (row, number) -> listed(row), onlineSince(), node.bytes()).stream()
                .findFirst();
    }

    /// A page of the nodes that told of themselves, in the order of their keys.
    List<ListedNode> page(NodesQuestion question) {
        String chosen = switch (question.choice()) {
            case ALL -> "true";
            case PUBLIC -> "f.public";
            case HIDDEN -> "NOT f.public";
        };
        return jdbc.query(
                LISTED + "FROM node_facts f LEFT JOIN node_uptime u ON u.public_key = f.public_key"
                        + " LEFT JOIN node_reachability r ON r.public_key = f.public_key"
                        + " WHERE f.public_key > ? AND " + chosen + " ORDER BY f.public_key LIMIT ?",
                (row, number) -> listed(row),
                onlineSince(),
                question.after().map(PublicKey::bytes).orElse(new byte[0]),
                question.limit());
    }

    private Timestamp onlineSince() {
        return Timestamp.from(clock.instant().minus(settings.onlineFor()));
    }

    private ListedNode listed(ResultSet row) throws SQLException {
        return new ListedNode(
                PublicKey.of(row.getBytes("public_key")),
                row.getString("software"),
                row.getBoolean("public") ? Visibility.PUBLIC : Visibility.HIDDEN,
                List.of((String[]) row.getArray("addresses").getArray()),
                row.getBoolean("online"),
                Optional.ofNullable(row.getTimestamp("last_seen")).map(Timestamp::toInstant),
                reachability(row),
                Optional.ofNullable(row.getTimestamp("dialled_at")).map(Timestamp::toInstant));
    }

    private Reachability reachability(ResultSet row) throws SQLException {
        Timestamp at = row.getTimestamp("dialled_at");
        if (at == null || at.toInstant().isBefore(clock.instant().minus(REMEMBERED))) {
            return Reachability.UNKNOWN;
        }
        return row.getBoolean("reachable") ? Reachability.YES : Reachability.NO;
    }

    @Override
    public void dialled(PublicKey node, Reachability outcome, Instant at) {
        jdbc.update("""
                INSERT INTO node_reachability AS r (public_key, reachable, dialled_at) VALUES (?, ?, ?)
                ON CONFLICT (public_key) DO UPDATE SET reachable = excluded.reachable, dialled_at = excluded.dialled_at
                WHERE r.dialled_at <= excluded.dialled_at
                """, node.bytes(), outcome == Reachability.YES, Timestamp.from(at));
    }

    @Override
    public Map<PublicKey, Reachability> reachability(Collection<PublicKey> nodes) {
        Map<PublicKey, Reachability> known = new HashMap<>();
        byte[][] keys = nodes.stream().map(PublicKey::bytes).toArray(byte[][]::new);
        jdbc.query(
                "SELECT public_key, reachable, dialled_at FROM node_reachability WHERE public_key = ANY (?)",
                row -> {
                    Reachability reachability = reachability(row);
                    if (reachability != Reachability.UNKNOWN) {
                        known.put(PublicKey.of(row.getBytes("public_key")), reachability);
                    }
                },
                (Object) keys);
        return known;
    }
}
