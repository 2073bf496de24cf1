package io.skywire.control.discovery;

import io.skywire.control.discovery.Measurements.ViewKey;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import io.skywire.shared.transport.LinkMeasurement;
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
import java.sql.Types;
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
/// by id, views of that edge, then transports by id.
final class TransportTables {
    /// The columns that [#registered] reads.
    private static final String TOLD = "id, edge_lower, edge_higher, type, label, up, rtt_us, max_payload, revision,"
            + " loss, load, throughput, relays, measured_at";

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
                    (edge, reported_at, lease_until, transport_id, state, max_payload, rtt_us, loss, load, throughput,
                     relays, measured_at)
                SELECT ?, ?, ?, given.*, CASE WHEN given.rtt_us IS NOT NULL THEN ?::timestamptz END
                FROM unnest(?, ?, ?, ?, ?, ?, ?, ?)
                    AS given (transport_id, state, max_payload, rtt_us, loss, load, throughput, relays)
                ON CONFLICT (transport_id, edge) DO UPDATE SET
                    reported_at = excluded.reported_at, lease_until = excluded.lease_until, state = excluded.state,
                    max_payload = excluded.max_payload, rtt_us = excluded.rtt_us, loss = excluded.loss,
                    load = excluded.load, throughput = excluded.throughput, relays = excluded.relays,
                    measured_at = excluded.measured_at, stock = false
                """, (PreparedStatement statement) -> {
            Columns columns = new Columns(statement);
            columns.set(edge.bytes()).set(Timestamp.from(now)).set(Timestamp.from(leaseUntil));
            columns.set(Timestamp.from(now));
            columns.uuids(claims.keySet(), id -> id);
            columns.array("text", claims.values(), claim -> claim.state().name());
            measured(columns, claims.values());
        });
    }

    /// Takes over what edges measure where their views are up and their sessions' own; gives those.
    List<ViewKey> measure(Map<ViewKey, TransportClaim> claims, Instant now, Instant leaseUntil) {
        PublicKeys keys = new PublicKeys();
        return jdbc.query(
                """
                UPDATE transport_views v SET
                    reported_at = ?, lease_until = ?, measured_at = ?, max_payload = given.max_payload,
                    rtt_us = given.rtt_us, loss = given.loss, load = given.load, throughput = given.throughput,
                    relays = given.relays
                FROM unnest(?, ?, ?, ?, ?, ?, ?, ?)
                    AS given (transport_id, edge, max_payload, rtt_us, loss, load, throughput, relays)
                WHERE v.transport_id = given.transport_id AND v.edge = given.edge AND v.state = 'UP' AND NOT v.stock
                RETURNING v.transport_id AS id, v.edge
                """,
                (PreparedStatement statement) -> {
                    Columns columns = new Columns(statement);
                    columns.set(Timestamp.from(now))
                            .set(Timestamp.from(leaseUntil))
                            .set(Timestamp.from(now));
                    columns.uuids(claims.keySet(), ViewKey::transport);
                    columns.bytes(claims.keySet(), key -> key.edge().bytes());
                    measured(columns, claims.values());
                },
                (row, number) -> new ViewKey(id(row), keys.of(row.getBytes("edge"))));
    }

    private static void measured(Columns columns, Collection<TransportClaim> claims) throws SQLException {
        columns.array("int4", claims, TransportClaim::maxPayload);
        columns.array("int8", claims, claim -> microsOrNull(claim.measured()));
        columns.array("int4", claims, claim -> claim.measured().loss());
        columns.array("int4", claims, claim -> claim.measured().load());
        columns.array("int8", claims, claim -> claim.measured().throughput());
        columns.bytes(claims, claim -> StoredRelays.column(claim.relays()));
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
        StoredRelays relays = new StoredRelays();
        return jdbc.query(
                """
                SELECT t.*,
                       coalesce(lo.state = 'UP' AND NOT t.private, false) AS lower_up, lo.rtt_us AS lower_rtt_us,
                       lo.loss AS lower_loss, lo.load AS lower_load, lo.throughput AS lower_throughput,
                       lo.measured_at AS lower_measured_at, lo.max_payload AS lower_max_payload,
                       coalesce(lo.relays, '') AS lower_relays,
                       coalesce(hi.state = 'UP' AND NOT t.private, false) AS higher_up, hi.rtt_us AS higher_rtt_us,
                       hi.loss AS higher_loss, hi.load AS higher_load, hi.throughput AS higher_throughput,
                       hi.measured_at AS higher_measured_at, hi.max_payload AS higher_max_payload,
                       coalesce(hi.relays, '') AS higher_relays
                FROM transports t
                LEFT JOIN transport_views lo ON lo.transport_id = t.id AND lo.edge = t.edge_lower
                LEFT JOIN transport_views hi ON hi.transport_id = t.id AND hi.edge = t.edge_higher
                WHERE t.id = ANY (?)
                ORDER BY t.id
                """,
                (PreparedStatement statement) -> statement.setArray(1, uuids(statement, sortedIds)),
                (row, number) -> new Standing(
                        registered(row, keys, relays),
                        new TransportType(row.getString("type")),
                        row.getString("label"),
                        view(row, "lower_", relays).with(view(row, "higher_", relays))));
    }

    private static EdgeView view(ResultSet row, String edge, StoredRelays relays) throws SQLException {
        return new EdgeView(
                row.getBoolean(edge + "up") ? EdgeView.State.UP : EdgeView.State.NOT_UP,
                measurement(row, edge),
                moment(row, edge + "measured_at"),
                row.getInt(edge + "max_payload"),
                relays.of(row.getBytes(edge + "relays")));
    }

    private static LinkMeasurement measurement(ResultSet row, String prefix) throws SQLException {
        return new LinkMeasurement(
                Optional.ofNullable(row.getObject(prefix + "rtt_us", Long.class))
                        .map(TransportTables::ofMicros),
                row.getInt(prefix + "loss"),
                row.getInt(prefix + "load"),
                row.getLong(prefix + "throughput"));
    }

    private static Optional<Instant> moment(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getTimestamp(column)).map(Timestamp::toInstant);
    }

    void settle(List<RegisteredTransport> changed, Instant now) {
        if (changed.isEmpty()) {
            return;
        }
        jdbc.batchUpdate(
                "UPDATE transports SET up = ?, rtt_us = ?, max_payload = ?, revision = ?, changed_at = ?, loss = ?,"
                        + " load = ?, throughput = ?, relays = ?, measured_at = ? WHERE id = ?",
                changed,
                500,
                (statement, transport) -> {
                    Optional<TransportUp> up = transport.up();
                    LinkMeasurement measured = up.map(TransportUp::measured).orElse(LinkMeasurement.NONE);
                    statement.setBoolean(1, up.isPresent());
                    statement.setObject(2, microsOrNull(measured), Types.BIGINT);
                    statement.setInt(3, up.map(TransportUp::maxPayload).orElse(0));
                    statement.setLong(4, transport.revision());
                    statement.setTimestamp(5, Timestamp.from(now));
                    statement.setInt(6, measured.loss());
                    statement.setInt(7, measured.load());
                    statement.setLong(8, measured.throughput());
                    statement.setBytes(
                            9, StoredRelays.column(up.map(TransportUp::relays).orElse(List.of())));
                    statement.setTimestamp(
                            10,
                            up.flatMap(TransportUp::measuredAt)
                                    .map(Timestamp::from)
                                    .orElse(null));
                    statement.setObject(11, transport.id().uuid());
                });
    }

    List<RegisteredTransport> all() {
        PublicKeys keys = new PublicKeys();
        StoredRelays relays = new StoredRelays();
        RowMapper<RegisteredTransport> mapper = (row, number) -> registered(row, keys, relays);
        return jdbc.query("SELECT " + TOLD + " FROM transports", mapper);
    }

    /// Those of the transports that are stored.
    List<RegisteredTransport> some(Collection<TransportId> ids) {
        PublicKeys keys = new PublicKeys();
        StoredRelays relays = new StoredRelays();
        return jdbc.query(
                "SELECT " + TOLD + " FROM transports WHERE id = ANY(?)",
                (PreparedStatement statement) -> statement.setArray(1, uuids(statement, ids)),
                (row, number) -> registered(row, keys, relays));
    }

    /// A transport as it was told last, and what the views of its edges make of it now.
    record Standing(RegisteredTransport told, TransportType type, String label, EdgeView both) {}

    private static RegisteredTransport registered(ResultSet row, PublicKeys keys, StoredRelays relays)
            throws SQLException {
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
                        measurement(row, ""),
                        moment(row, "measured_at"),
                        relays.of(row.getBytes("relays")),
                        revision))
                : Optional.empty();
        return new RegisteredTransport(id, lower, higher, up, revision);
    }

    static TransportId id(ResultSet row) throws SQLException {
        return new TransportId(row.getObject("id", UUID.class));
    }

    private static @Nullable Long microsOrNull(LinkMeasurement measured) {
        return measured.roundTrip().isPresent() ? measured.roundTripMicros() : null;
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
