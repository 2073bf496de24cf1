package io.skywire.control.discovery;

import io.skywire.control.discovery.Registrations.Entry;
import io.skywire.control.discovery.StockEntry.Privacy;
import io.skywire.control.discovery.StockEntry.Views;
import io.skywire.control.discovery.StockEntry.Visibility;
import io.skywire.control.discovery.TransportTables.PublicKeys;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.sql.PreparedStatement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.PreparedStatementSetter;

/// The statements for stock visors, over the tables of [TransportTables] and in its order of locks. The advisory locks
/// of all edges come first, in the order of their numbers; views of others are only touched where nobody holds them.
final class StockTables {
    static final int MAX_PAYLOAD = 16_384;

    private final JdbcTemplate jdbc;

    StockTables(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /// The revision of a transport that is registered now: above any that it had before it was removed, as the column's
    /// default is (V034).
    static long firstRevision(Instant now) {
        return now.getEpochSecond();
    }

    /// A view of a transport by one of its edges.
    record View(TransportId transport, PublicKey edge) {}

    /// Inserts new transports as they stand once both edges' views are up. Gives how many were new.
    ///
    /// @param entries in the order of their ids
    int insert(List<Entry> entries, Instant now) {
        return jdbc.update("""
                INSERT INTO transports
                    (registered_at, changed_at, id, edge_lower, edge_higher, type, lower_signature, higher_signature,
                     label, private, up, max_payload, revision)
                SELECT ?, ?, given.*, NOT given.private, CASE WHEN given.private THEN 0 ELSE ? END, ?
                FROM unnest(?, ?, ?, ?, ?, ?, ?, ?)
                    AS given (id, edge_lower, edge_higher, type, lower_signature, higher_signature, label, private)
                ON CONFLICT (id) DO NOTHING
                """, (PreparedStatement statement) -> {
            Columns columns = new Columns(statement);
            columns.set(Timestamp.from(now)).set(Timestamp.from(now));
            columns.set(MAX_PAYLOAD).set(firstRevision(now));
            columns.uuids(entries, one -> one.signed().id());
            columns.bytes(entries, one -> one.signed().entry().lower().bytes());
            columns.bytes(entries, one -> one.signed().entry().higher().bytes());
            columns.array("text", entries, one -> one.signed().entry().type().name());
            columns.bytes(entries, one -> one.signed().lowerSignature().bytes());
            columns.bytes(entries, one -> one.signed().higherSignature().bytes());
            columns.array("text", entries, one -> one.registration().label());
            columns.array("bool", entries, one -> one.registration().privacy() == Privacy.PRIVATE);
        });
    }

    /// Those whose opposite edge has taken them down and has not signed them anew since.
    Set<TransportId> refusedByOpposite(List<Entry> entries) {
        return new HashSet<>(jdbc.query(
                """
                SELECT v.transport_id AS id
                FROM unnest(?, ?, ?) AS given (id, edge, signature)
                JOIN transports t ON t.id = given.id
                JOIN transport_views v ON v.transport_id = given.id AND v.edge = given.edge
                WHERE v.state = 'DOWN' AND given.signature
                    = CASE WHEN t.edge_higher = given.edge THEN t.higher_signature ELSE t.lower_signature END
                """,
                (PreparedStatement statement) -> {
                    Columns columns = new Columns(statement);
                    columns.uuids(entries, one -> one.signed().id());
                    columns.bytes(entries, one -> one.opposite().bytes());
                    columns.bytes(entries, StockTables::signatureOfOpposite);
                },
                (row, number) -> TransportTables.id(row)));
    }

    private static byte[] signatureOfOpposite(Entry one) {
        SignedTransport signed = one.signed();
        return (signed.entry().higher().equals(one.opposite()) ? signed.higherSignature() : signed.lowerSignature())
                .bytes();
    }

    /// Takes over what registrations say of known transports. Keeps the newest signatures, so that an older
    /// registration can be told from a new handshake.
    void update(List<Entry> entries) {
        jdbc.update("""
                UPDATE transports t SET
                    label = given.label, lower_signature = given.lower_signature,
                    higher_signature = given.higher_signature,
                    private = CASE WHEN given.says THEN given.private ELSE t.private END
                FROM unnest(?, ?, ?, ?, ?, ?)
                    AS given (id, lower_signature, higher_signature, label, private, says)
                WHERE t.id = given.id
                    AND (t.label <> given.label OR t.lower_signature <> given.lower_signature
                         OR t.higher_signature <> given.higher_signature
                         OR given.says AND t.private <> given.private)
                """, (PreparedStatement statement) -> {
            Columns columns = new Columns(statement);
            columns.uuids(entries, one -> one.signed().id());
            columns.bytes(entries, one -> one.signed().lowerSignature().bytes());
            columns.bytes(entries, one -> one.signed().higherSignature().bytes());
            columns.array("text", entries, one -> one.registration().label());
            columns.array("bool", entries, one -> one.registration().privacy() == Privacy.PRIVATE);
            columns.array("bool", entries, one -> one.registration().privacy() != Privacy.UNSAID);
        });
    }

    /// The views are up with a stock lease, and nothing is measured. A view that a session keeps stays with the
    /// session.
    void putViews(List<View> views, Instant now, Instant leaseUntil) {
        jdbc.update("""
                INSERT INTO transport_views
                    (state, stock, max_payload, reported_at, lease_until, transport_id, edge)
                SELECT 'UP', true, ?, ?, ?, given.* FROM unnest(?, ?) AS given (transport_id, edge)
                ON CONFLICT (transport_id, edge) DO UPDATE SET
                    state = 'UP', reported_at = excluded.reported_at, lease_until = excluded.lease_until, stock = true,
                    rtt_us = NULL, loss = 0, load = 0, throughput = 0, relays = '', measured_at = NULL
                WHERE transport_views.stock OR transport_views.state <> 'UP'
                """, (PreparedStatement statement) -> {
            Columns columns = new Columns(statement);
            columns.set(MAX_PAYLOAD).set(Timestamp.from(now)).set(Timestamp.from(leaseUntil));
            columns.uuids(views, View::transport);
            columns.bytes(views, one -> one.edge().bytes());
        });
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

    /// Starts the leases of stock views at both ends of the edges' transports again, of those that have run since
    /// before `unlessAfter` ends; gives the transports that come back by it. Rows that somebody holds are left for the
    /// next request: waiting for them could go in a circle.
    List<TransportId> renew(Collection<PublicKey> edges, Instant unlessAfter, Instant leaseUntil, int limit) {
        return jdbc
                .query(
                        """
                WITH due AS (
                    SELECT v.transport_id, v.edge, v.state
                    FROM transports t JOIN transport_views v ON v.transport_id = t.id
                    WHERE (t.edge_lower = ANY (?) OR t.edge_higher = ANY (?)) AND v.stock AND v.state <> 'DOWN'
                        AND (v.lease_until < ? OR v.state = 'EXPIRED')
                    LIMIT ? FOR UPDATE OF v SKIP LOCKED)
                UPDATE transport_views v SET state = 'UP', lease_until = ? FROM due
                WHERE v.transport_id = due.transport_id AND v.edge = due.edge
                RETURNING v.transport_id AS id, due.state = 'EXPIRED' AS revived
                """,
                        (PreparedStatement statement) -> {
                            Columns columns = new Columns(statement);
                            columns.bytes(edges, PublicKey::bytes);
                            columns.bytes(edges, PublicKey::bytes);
                            columns.set(Timestamp.from(unlessAfter)).set(limit).set(Timestamp.from(leaseUntil));
                        },
                        (row, number) -> row.getBoolean("revived")
                                ? Optional.of(TransportTables.id(row))
                                : Optional.<TransportId>empty())
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
