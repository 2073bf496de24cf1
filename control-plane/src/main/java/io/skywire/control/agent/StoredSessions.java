package io.skywire.control.agent;

import io.skywire.control.platform.Attendance;
import io.skywire.control.platform.Replicas;
import io.skywire.shared.key.PublicKey;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/// Which replica holds which agent's session, in `agent_sessions`. Each method is one statement. Safe for any thread.
@Component
final class StoredSessions implements Attendance {
    private final JdbcTemplate jdbc;
    private final Replicas replicas;

    StoredSessions(JdbcTemplate jdbc, Replicas replicas) {
        this.jdbc = jdbc;
        this.replicas = replicas;
    }

    @Override
    public Set<PublicKey> attended(Collection<PublicKey> nodes) {
        return nodes.isEmpty()
                ? Set.of()
                : keys(
                        "SELECT node FROM agent_sessions WHERE node = ANY (?) AND replica = ANY (?)",
                        bytes(nodes),
                        alive());
    }

    /// Writes down that these nodes have their session here, whoever had it before.
    ///
    /// @return the nodes whose session another replica held, dead or alive
    Set<PublicKey> put(Collection<PublicKey> nodes) {
        return keys("""
                WITH before AS (SELECT node FROM agent_sessions WHERE node = ANY (?) AND replica <> ?),
                put AS (
                    INSERT INTO agent_sessions (node, replica) SELECT node, ? FROM unnest(?) AS node
                    ON CONFLICT (node) DO UPDATE SET replica = excluded.replica, since = clock_timestamp())
                SELECT node FROM before
                """, bytes(nodes), self(), self(), bytes(nodes));
    }

    /// Forgets the sessions of these nodes that were held here.
    void remove(Collection<PublicKey> nodes) {
        jdbc.update("DELETE FROM agent_sessions WHERE node = ANY (?) AND replica = ?", bytes(nodes), self());
    }

    /// Writes down again that these nodes have their session here, where nobody or a dead replica is said to hold it.
    void putMissing(Collection<PublicKey> nodes) {
        if (nodes.isEmpty()) {
            return;
        }
        jdbc.update("""
                INSERT INTO agent_sessions (node, replica) SELECT node, ? FROM unnest(?) AS node
                WHERE NOT EXISTS (SELECT FROM agent_sessions s WHERE s.node = node.node AND s.replica = ANY (?))
                ON CONFLICT (node) DO UPDATE SET replica = excluded.replica, since = clock_timestamp()
                """, self(), bytes(nodes), alive());
    }

    /// Those of `nodes` whose session is held by another replica that is alive.
    Set<PublicKey> heldElsewhere(Collection<PublicKey> nodes) {
        return keys(
                "SELECT node FROM agent_sessions WHERE node = ANY (?) AND replica <> ? AND replica = ANY (?)",
                bytes(nodes),
                self(),
                alive());
    }

    /// Forgets what stands as held here, for longer than a minute, and is not among `held`.
    void forgetOthers(Collection<PublicKey> held) {
        jdbc.update(
                "DELETE FROM agent_sessions WHERE replica = ? AND since < clock_timestamp() - interval '1 minute'"
                        + " AND NOT EXISTS (SELECT FROM unnest(?) AS held WHERE held = node)",
                self(),
                bytes(held));
    }

    private Set<PublicKey> keys(String sql, Object... parameters) {
        Set<PublicKey> keys = new HashSet<>();
        jdbc.query(
                sql,
                row -> {
                    keys.add(PublicKey.of(row.getBytes(1)));
                },
                parameters);
        return keys;
    }

    private UUID self() {
        return replicas.self().uuid();
    }

    private UUID[] alive() {
        return replicas.alive().stream().map(one -> one.id().uuid()).toArray(UUID[]::new);
    }

    /// In one order for all replicas, so that no two wait for each other's rows in a circle.
    private static byte[][] bytes(Collection<PublicKey> nodes) {
        return nodes.stream()
                .map(PublicKey::bytes)
                .sorted(Arrays::compareUnsigned)
                .toArray(byte[][]::new);
    }
}
