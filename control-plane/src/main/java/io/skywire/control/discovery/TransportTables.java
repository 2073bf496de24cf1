package io.skywire.control.discovery;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.nio.ByteBuffer;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;

/// The statements over `transports` and `transport_views`. Each handles many rows at once.
///
/// Everybody takes row locks in this order, so that nobody waits in a circle: an edge's advisory lock, new transports
/// by
/// id, views of that edge, then transports by id.
final class TransportTables {
    private final JdbcTemplate jdbc;

    TransportTables(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /// Until the end of the transaction, what one edge says is taken in one after the other.
    void serialize(PublicKey edge) {
        serialize(List.of(edge));
    }

    private static long lockNumber(PublicKey edge) {
        return ByteBuffer.wrap(edge.bytes(), 1, Long.BYTES).getLong();
    }

    /// The same for several edges, in an order that all transactions share.
    void serialize(Collection<PublicKey> edges) {
        List<Long> numbers = edges.stream()
                .map(TransportTables::lockNumber)
                .distinct()
                .sorted()
                .toList();
        jdbc.query(
                "SELECT pg_advisory_xact_lock(number) FROM unnest(?) AS ordered (number)",
                statement -> new Columns(statement).array("int8", numbers, number -> number),
                row -> {});
    }

    /// Those of the ids that are in the table.
    Set<TransportId> stored(Collection<TransportId> ids) {
        return new HashSet<>(jdbc.query(
                "SELECT id FROM transports WHERE id = ANY (?)",
                (PreparedStatement statement) -> statement.setArray(1, uuids(statement, ids)),
                (row, number) -> id(row)));
    }

    /// The edges of all transports that are private, up or not.
    Set<PublicKey> edgesOfPrivate() {
        return new HashSet<>(jdbc.query(
                "SELECT edge_lower FROM transports WHERE private UNION SELECT edge_higher FROM transports WHERE private",
                (row, number) -> PublicKey.of(row.getBytes(1))));
    }

    Map<TransportId, SignedTransport> proven(Collection<TransportId> ids) {
        Map<TransportId, SignedTransport> found = new HashMap<>();
        PublicKeys keys = new PublicKeys();
        jdbc.query(
                "SELECT id, edge_lower, edge_higher, type, lower_signature, higher_signature"
                        + " FROM transports WHERE id = ANY (?)",
                statement -> statement.setArray(1, uuids(statement, ids)),
                row -> {
                    TransportEntry entry = new TransportEntry(
                            id(row),
                            keys.of(row.getBytes("edge_lower")),
                            keys.of(row.getBytes("edge_higher")),
                            new TransportType(row.getString("type")));
                    found.put(
                            entry.id(),
                            new SignedTransport(
                                    entry,
                                    Signature.of(row.getBytes("lower_signature")),
                                    Signature.of(row.getBytes("higher_signature"))));
                });
        return found;
    }

    void insertMissing(SortedMap<TransportId, TransportClaim> claims, Instant now) {
        jdbc.update("""
                INSERT INTO transports
                    (id, edge_lower, edge_higher, type, lower_signature, higher_signature, registered_at, changed_at)
                SELECT *, ?, ? FROM unnest(?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO NOTHING
                """, (PreparedStatement statement) -> {
            statement.setTimestamp(1, Timestamp.from(now));
            statement.setTimestamp(2, Timestamp.from(now));
            statement.setArray(3, uuids(statement, claims.keySet()));
            statement.setArray(
                    4, bytes(statement, claims, signed -> signed.entry().lower().bytes()));
            statement.setArray(
                    5,
                    bytes(statement, claims, signed -> signed.entry().higher().bytes()));
            statement.setArray(
                    6,
                    array(
                            statement,
                            "text",
                            claims,
                            claim -> claim.transport().entry().type().name()));
            statement.setArray(
                    7,
                    bytes(statement, claims, signed -> signed.lowerSignature().bytes()));
            statement.setArray(
                    8,
                    bytes(statement, claims, signed -> signed.higherSignature().bytes()));
        });
    }

    void putViews(PublicKey edge, SortedMap<TransportId, TransportClaim> claims, Instant now, Instant leaseUntil) {
        jdbc.update("""
                INSERT INTO transport_views
                    (edge, reported_at, lease_until, transport_id, state, rtt_us, max_payload)
                SELECT ?, ?, ?, * FROM unnest(?, ?, ?, ?)
                ON CONFLICT (transport_id, edge) DO UPDATE SET
                    reported_at = excluded.reported_at, lease_until = excluded.lease_until, state = excluded.state,
                    rtt_us = excluded.rtt_us, max_payload = excluded.max_payload, stock = false
                """, (PreparedStatement statement) -> {
            statement.setBytes(1, edge.bytes());
            statement.setTimestamp(2, Timestamp.from(now));
            statement.setTimestamp(3, Timestamp.from(leaseUntil));
            statement.setArray(4, uuids(statement, claims.keySet()));
            statement.setArray(
                    5, array(statement, "text", claims, claim -> claim.state().name()));
            statement.setArray(
                    6,
                    array(
                            statement,
                            "int8",
                            claims,
                            claim -> claim.roundTrip()
                                    .map(TransportTables::micros)
                                    .orElse(null)));
            statement.setArray(7, array(statement, "int4", claims, TransportClaim::maxPayload));
        });
    }

    /// Takes down the edge's views of all other transports; gives those it changed.
    List<TransportId> dropViewsExcept(PublicKey edge, Collection<TransportId> named, Instant now) {
        return jdbc.query(
                """
                UPDATE transport_views SET state = 'DOWN', reported_at = ?
                WHERE edge = ? AND state <> 'DOWN' AND transport_id <> ALL (?)
                RETURNING transport_id AS id
                """,
                (PreparedStatement statement) -> {
                    statement.setTimestamp(1, Timestamp.from(now));
                    statement.setBytes(2, edge.bytes());
                    statement.setArray(3, uuids(statement, named));
                },
                (row, number) -> id(row));
    }

    /// Starts the leases of these edges again; gives the transports whose view had expired and is up again.
    List<TransportId> renewLeases(Collection<PublicKey> edges, Instant leaseUntil) {
        jdbc.update(
                "UPDATE transport_views SET lease_until = ? WHERE edge = ANY (?) AND state = 'UP' AND NOT stock",
                (PreparedStatement statement) ->
                        new Columns(statement).set(Timestamp.from(leaseUntil)).bytes(edges, PublicKey::bytes));
        return jdbc.query(
                """
                UPDATE transport_views SET state = 'UP', lease_until = ?
                WHERE edge = ANY (?) AND state = 'EXPIRED' AND NOT stock
                RETURNING transport_id AS id
                """,
                (PreparedStatement statement) ->
                        new Columns(statement).set(Timestamp.from(leaseUntil)).bytes(edges, PublicKey::bytes),
                (row, number) -> id(row));
    }

    /// Expires at most `limit` views whose lease has run out. Rows that somebody is changing now are left for later.
    List<TransportId> expireViews(Instant now, int limit) {
        return jdbc.query("""
                UPDATE transport_views v SET state = 'EXPIRED'
                FROM (SELECT transport_id, edge FROM transport_views
                      WHERE state = 'UP' AND lease_until <= ?
                      ORDER BY lease_until LIMIT ? FOR UPDATE SKIP LOCKED) lapsed
                WHERE v.transport_id = lapsed.transport_id AND v.edge = lapsed.edge
                RETURNING v.transport_id AS id
                """, (row, number) -> id(row), Timestamp.from(now), limit);
    }

    void lock(Collection<TransportId> ids) {
        jdbc.query(
                "SELECT id FROM transports WHERE id = ANY (?) ORDER BY id FOR NO KEY UPDATE",
                statement -> statement.setArray(1, uuids(statement, ids)),
                row -> {});
    }

    /// Locks the transports and then reads them with the views of both edges. Two statements, because one would see the
    /// views as they were before it waited for the lock.
    List<Standing> lockStandings(Collection<TransportId> sortedIds) {
        lock(sortedIds);
        PublicKeys keys = new PublicKeys();
        return jdbc.query(
                """
                SELECT t.*,
                       coalesce(lo.state = 'UP' AND hi.state = 'UP' AND NOT t.private, false) AS wanted,
                       greatest(lo.rtt_us, hi.rtt_us) AS wanted_rtt_us,
                       coalesce(least(lo.max_payload, hi.max_payload), 0) AS wanted_payload
                FROM transports t
                LEFT JOIN transport_views lo ON lo.transport_id = t.id AND lo.edge = t.edge_lower
                LEFT JOIN transport_views hi ON hi.transport_id = t.id AND hi.edge = t.edge_higher
                WHERE t.id = ANY (?)
                ORDER BY t.id
                """,
                (PreparedStatement statement) -> statement.setArray(1, uuids(statement, sortedIds)),
                (row, number) -> new Standing(
                        registered(row, keys),
                        new TransportType(row.getString("type")),
                        row.getString("label"),
                        row.getBoolean("wanted"),
                        Optional.ofNullable(row.getObject("wanted_rtt_us", Long.class))
                                .map(TransportTables::ofMicros),
                        row.getInt("wanted_payload")));
    }

    void settle(List<RegisteredTransport> changed, Instant now) {
        jdbc.batchUpdate(
                "UPDATE transports SET up = ?, rtt_us = ?, max_payload = ?, revision = ?, changed_at = ? WHERE id = ?",
                changed,
                500,
                (statement, transport) -> {
                    Optional<TransportUp> up = transport.up();
                    statement.setBoolean(1, up.isPresent());
                    statement.setObject(
                            2,
                            up.flatMap(TransportUp::roundTrip)
                                    .map(TransportTables::micros)
                                    .orElse(null),
                            java.sql.Types.BIGINT);
                    statement.setInt(3, up.map(TransportUp::maxPayload).orElse(0));
                    statement.setLong(4, transport.revision());
                    statement.setTimestamp(5, Timestamp.from(now));
                    statement.setObject(6, transport.id().uuid());
                });
    }

    List<RegisteredTransport> all() {
        PublicKeys keys = new PublicKeys();
        RowMapper<RegisteredTransport> mapper = (row, number) -> registered(row, keys);
        return jdbc.query(
                "SELECT id, edge_lower, edge_higher, type, label, up, rtt_us, max_payload, revision FROM transports",
                mapper);
    }

    /// Those of the transports that are stored.
    List<RegisteredTransport> some(Collection<TransportId> ids) {
        PublicKeys keys = new PublicKeys();
        return jdbc.query(
                "SELECT id, edge_lower, edge_higher, type, label, up, rtt_us, max_payload, revision FROM transports"
                        + " WHERE id = ANY(?)",
                (PreparedStatement statement) -> statement.setArray(1, uuids(statement, ids)),
                (row, number) -> registered(row, keys));
    }

    /// A transport as it was told last, and what the views of its edges make of it now.
    record Standing(
            RegisteredTransport told,
            TransportType type,
            String label,
            boolean up,
            Optional<Duration> roundTrip,
            int maxPayload) {}

    private static RegisteredTransport registered(ResultSet row, PublicKeys keys) throws SQLException {
        TransportId id = id(row);
        PublicKey lower = keys.of(row.getBytes("edge_lower"));
        PublicKey higher = keys.of(row.getBytes("edge_higher"));
        long revision = row.getLong("revision");
        Optional<TransportUp> up = row.getBoolean("up")
                ? Optional.of(new TransportUp(
                        id,
                        lower,
                        higher,
                        new TransportType(row.getString("type")),
                        row.getString("label"),
                        row.getInt("max_payload"),
                        Optional.ofNullable(row.getObject("rtt_us", Long.class)).map(TransportTables::ofMicros),
                        revision))
                : Optional.empty();
        return new RegisteredTransport(id, lower, higher, up, revision);
    }

    static TransportId id(ResultSet row) throws SQLException {
        return new TransportId(row.getObject("id", UUID.class));
    }

    private static long micros(Duration duration) {
        return Math.max(1, duration.toNanos() / 1000);
    }

    private static Duration ofMicros(long micros) {
        return Duration.ofNanos(micros * 1000);
    }

    static Array uuids(PreparedStatement statement, Collection<TransportId> ids) throws SQLException {
        return statement
                .getConnection()
                .createArrayOf("uuid", ids.stream().map(TransportId::uuid).toArray());
    }

    private static Array bytes(
            PreparedStatement statement,
            SortedMap<TransportId, TransportClaim> claims,
            Function<SignedTransport, byte[]> part)
            throws SQLException {
        byte[][] parts = claims.values().stream()
                .map(claim -> part.apply(claim.transport()))
                .toArray(byte[][]::new);
        return statement.getConnection().createArrayOf("bytea", parts);
    }

    private static Array array(
            PreparedStatement statement,
            String type,
            SortedMap<TransportId, TransportClaim> claims,
            Function<TransportClaim, ? extends @Nullable Object> part)
            throws SQLException {
        Connection connection = statement.getConnection();
        return connection.createArrayOf(type, claims.values().stream().map(part).toArray());
    }

    /// Checks each key's bytes once per reading: that costs a square root, and nodes have many transports.
    static final class PublicKeys {
        private final Map<ByteBuffer, PublicKey> seen = new HashMap<>();

        PublicKey of(byte[] bytes) {
            return seen.computeIfAbsent(ByteBuffer.wrap(bytes), wrapped -> PublicKey.of(bytes));
        }
    }
}
