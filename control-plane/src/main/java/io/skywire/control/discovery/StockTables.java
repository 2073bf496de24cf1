package io.skywire.control.discovery;

import io.skywire.control.discovery.StockEntry.Privacy;
import io.skywire.control.discovery.StockEntry.Registration;
import io.skywire.control.discovery.StockEntry.Views;
import io.skywire.control.discovery.StockEntry.Visibility;
import io.skywire.control.discovery.TransportTables.PublicKeys;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.PreparedStatementSetter;

/// The statements for stock visors, over the tables of [TransportTables] and in its order of locks. The advisory locks
/// of all edges come first, in the order of their numbers; views of others are only touched where nobody holds them.
final class StockTables {
    private static final int MAX_PAYLOAD = 16_384;

    private final JdbcTemplate jdbc;

    StockTables(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /// Inserts the transport, or takes over what the registration says of a known one.
    void put(Registration registration, Instant now) {
        SignedTransport signed = registration.transport();
        jdbc.update(
                """
                INSERT INTO transports
                    (id, edge_lower, edge_higher, type, lower_signature, higher_signature, registered_at, changed_at,
                     label, private)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET
                    label = excluded.label, private = CASE WHEN ? THEN excluded.private ELSE transports.private END
                """,
                signed.id().uuid(),
                signed.entry().lower().bytes(),
                signed.entry().higher().bytes(),
                signed.entry().type().name(),
                signed.lowerSignature().bytes(),
                signed.higherSignature().bytes(),
                Timestamp.from(now),
                Timestamp.from(now),
                registration.label(),
                registration.privacy() == Privacy.PRIVATE,
                registration.privacy() != Privacy.UNSAID);
    }

    /// Whether the opposite edge has taken the transport down and has not signed it anew since.
    boolean isRefusedBy(PublicKey opposite, SignedTransport signed) {
        boolean isHigher = signed.entry().higher().equals(opposite);
        return Boolean.TRUE.equals(jdbc.queryForObject(
                "SELECT EXISTS (SELECT FROM transport_views v JOIN transports t ON t.id = v.transport_id"
                        + " WHERE v.transport_id = ? AND v.edge = ? AND v.state = 'DOWN' AND t."
                        + (isHigher ? "higher_signature" : "lower_signature") + " = ?)",
                Boolean.class,
                signed.id().uuid(),
                opposite.bytes(),
                (isHigher ? signed.higherSignature() : signed.lowerSignature()).bytes()));
    }

    /// Keeps the newest signatures, so that an older registration can be told from a new handshake.
    void putSignatures(SignedTransport signed) {
        jdbc.update(
                "UPDATE transports SET lower_signature = ?, higher_signature = ? WHERE id = ?"
                        + " AND (lower_signature <> ? OR higher_signature <> ?)",
                signed.lowerSignature().bytes(),
                signed.higherSignature().bytes(),
                signed.id().uuid(),
                signed.lowerSignature().bytes(),
                signed.higherSignature().bytes());
    }

    /// The edge's view is up with a stock lease. A view that a session keeps stays with the session.
    void putView(TransportId id, PublicKey edge, Instant now, Instant leaseUntil) {
        jdbc.update("""
                INSERT INTO transport_views
                    (transport_id, edge, state, max_payload, reported_at, lease_until, stock)
                VALUES (?, ?, 'UP', ?, ?, ?, true)
                ON CONFLICT (transport_id, edge) DO UPDATE SET
                    state = 'UP', reported_at = excluded.reported_at, lease_until = excluded.lease_until, stock = true
                WHERE transport_views.stock OR transport_views.state <> 'UP'
                """, id.uuid(), edge.bytes(), MAX_PAYLOAD, Timestamp.from(now), Timestamp.from(leaseUntil));
    }

    /// The edge's own word on a transport that it has a view of or not.
    void setView(TransportId id, PublicKey edge, LinkState state, Instant now, Instant leaseUntil) {
        jdbc.update(
                """
                INSERT INTO transport_views
                    (transport_id, edge, state, max_payload, reported_at, lease_until, stock)
                VALUES (?, ?, ?, ?, ?, ?, true)
                ON CONFLICT (transport_id, edge) DO UPDATE SET
                    state = excluded.state, reported_at = excluded.reported_at,
                    lease_until = CASE WHEN transport_views.stock OR transport_views.state = 'EXPIRED'
                                       THEN excluded.lease_until ELSE transport_views.lease_until END
                """,
                id.uuid(),
                edge.bytes(),
                state.name(),
                MAX_PAYLOAD,
                Timestamp.from(now),
                Timestamp.from(leaseUntil));
    }

    /// Starts the leases of stock views at both ends of the edge's transports again; gives the transports that come
    /// back by it. Rows that somebody holds are left for the next request: waiting for them could go in a circle.
    List<TransportId> renew(PublicKey edge, Instant leaseUntil, int limit) {
        return jdbc
                .query(
                        """
                WITH due AS (
                    SELECT v.transport_id, v.edge, v.state
                    FROM transports t JOIN transport_views v ON v.transport_id = t.id
                    WHERE (t.edge_lower = ? OR t.edge_higher = ?) AND v.stock AND v.state <> 'DOWN'
                    LIMIT ? FOR UPDATE OF v SKIP LOCKED)
                UPDATE transport_views v SET state = 'UP', lease_until = ? FROM due
                WHERE v.transport_id = due.transport_id AND v.edge = due.edge
                RETURNING v.transport_id AS id, due.state = 'EXPIRED' AS revived
                """,
                        (row, number) -> row.getBoolean("revived")
                                ? Optional.of(TransportTables.id(row))
                                : Optional.<TransportId>empty(),
                        edge.bytes(),
                        edge.bytes(),
                        limit,
                        Timestamp.from(leaseUntil))
                .stream()
                .flatMap(Optional::stream)
                .toList();
    }

    List<StockEntry> byId(Collection<TransportId> ids) {
        return read("t.id = ANY (?)", statement -> statement.setArray(1, TransportTables.uuids(statement, ids)));
    }

    List<StockEntry> byEdge(PublicKey edge) {
        return read("t.edge_lower = ? OR t.edge_higher = ?", statement -> {
            statement.setBytes(1, edge.bytes());
            statement.setBytes(2, edge.bytes());
        });
    }

    private List<StockEntry> read(String condition, PreparedStatementSetter parameters) {
        PublicKeys keys = new PublicKeys();
        return jdbc.query(
                """
                SELECT t.id, t.edge_lower, t.edge_higher, t.type, t.label, t.private, t.registered_at,
                       greatest(lo.reported_at, hi.reported_at, t.registered_at) AS updated_at,
                       coalesce(lo.state = 'UP', false) AS lower_up,
                       coalesce(hi.state = 'UP', false) AS higher_up
                FROM transports t
                LEFT JOIN transport_views lo ON lo.transport_id = t.id AND lo.edge = t.edge_lower
                LEFT JOIN transport_views hi ON hi.transport_id = t.id AND hi.edge = t.edge_higher
                WHERE\s""" + condition + " ORDER BY t.id",
                parameters,
                (row, number) -> new StockEntry(
                        TransportTables.id(row),
                        keys.of(row.getBytes("edge_lower")),
                        keys.of(row.getBytes("edge_higher")),
                        new TransportType(row.getString("type")),
                        row.getString("label"),
                        row.getBoolean("private") ? Visibility.PRIVATE : Visibility.PUBLIC,
                        new Views(row.getBoolean("lower_up"), row.getBoolean("higher_up")),
                        row.getTimestamp("registered_at").toInstant(),
                        row.getTimestamp("updated_at").toInstant()));
    }
}
