package io.skywire.control.identity;

import io.skywire.shared.key.PublicKey;
import java.sql.Timestamp;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// The node directory in PostgreSQL.
@Service
class StoredNodes implements NodeDirectory {
    private static final int MAX_SOFTWARE = 100;

    private final NodeRepository nodes;
    private final JdbcTemplate jdbc;
    private final ApplicationEventPublisher events;
    private final InstantSource clock;

    StoredNodes(NodeRepository nodes, JdbcTemplate jdbc, ApplicationEventPublisher events, InstantSource clock) {
        this.nodes = nodes;
        this.jdbc = jdbc;
        this.events = events;
        this.clock = clock;
    }

    @Override
    @Transactional
    public void seen(PublicKey node, String software) {
        seen(Map.of(node, software));
    }

    /// Two replicas may see a new node at once; one of them inserts it, and an older sighting never overwrites a newer.
    /// Rows are locked in the order of the keys.
    @Override
    @Transactional
    public void seen(Map<PublicKey, String> software) {
        List<PublicKey> sorted = software.keySet().stream().sorted().toList();
        jdbc.query(
                """
                INSERT INTO nodes AS n (public_key, software, first_seen, last_seen)
                SELECT key, told, ?, ? FROM unnest(?::bytea[], ?::text[]) AS seen(key, told)
                ON CONFLICT (public_key) DO UPDATE SET software = excluded.software, last_seen = excluded.last_seen
                WHERE n.last_seen <= excluded.last_seen
                RETURNING public_key, xmax = 0 AS joined
                """,
                row -> {
                    if (row.getBoolean(2)) {
                        events.publishEvent(new NodeJoined(PublicKey.of(row.getBytes(1))));
                    }
                },
                Timestamp.from(clock.instant()),
                Timestamp.from(clock.instant()),
                sorted.stream().map(PublicKey::bytes).toArray(byte[][]::new),
                sorted.stream()
                        .map(node -> printable(software.getOrDefault(node, "")))
                        .toArray(String[]::new));
    }

    @Override
    @Transactional(readOnly = true)
    public boolean isKnown(PublicKey node) {
        return nodes.existsById(node.bytes());
    }

    @Override
    @Transactional(readOnly = true)
    public long count() {
        return nodes.count();
    }

    @Override
    @Transactional(readOnly = true)
    public List<PublicKey> all() {
        return nodes.allKeys().stream().map(PublicKey::of).toList();
    }

    /// What a stranger says of itself goes into logs and pages: no control characters (PostgreSQL refuses NUL), no end.
    private static String printable(String software) {
        String cut = software.length() <= MAX_SOFTWARE ? software : software.substring(0, MAX_SOFTWARE);
        return cut.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
