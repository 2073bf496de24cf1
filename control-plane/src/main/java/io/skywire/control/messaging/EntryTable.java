package io.skywire.control.messaging;

import io.skywire.control.messaging.EntryRules.Standing;
import io.skywire.shared.key.PublicKey;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;

/// The statements over `messaging_entries`.
final class EntryTable {
    private final JdbcTemplate jdbc;

    EntryTable(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /// A row with what is served of it.
    record Row(Standing standing, String document, String signedServerType) {}

    /// What a listing of servers chooses from.
    enum Servers {
        ALL("server"),
        WITH_FREE_SESSIONS("server AND available_sessions > 0");

        private final String condition;

        Servers(String condition) {
            this.condition = condition;
        }
    }

    /// Which entries run out together.
    enum Kind {
        SERVERS,
        OTHERS
    }

    Optional<Row> find(PublicKey key) {
        return jdbc
                .query("SELECT * FROM messaging_entries WHERE public_key = ?", EntryTable::row, (Object) key.bytes())
                .stream()
                .findFirst();
    }

    /// As [#find], and nobody else changes the row until the transaction ends.
    Optional<Row> lock(PublicKey key) {
        return jdbc
                .query("SELECT * FROM messaging_entries WHERE public_key = ? FOR UPDATE", EntryTable::row, (Object)
                        key.bytes())
                .stream()
                .findFirst();
    }

    /// False if somebody else has just inserted a row for this key.
    boolean insert(MessagingEntry served, String signedServerType, Official official, Instant until) {
        return jdbc.update("""
                        INSERT INTO messaging_entries (sequence, timestamp_ns, live, document, signed_server_type,
                            client, visor, server, official, available_sessions, until, public_key)
                        VALUES (?, ?, true, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT (public_key) DO NOTHING
                        """, columns(served, signedServerType, official, until)) == 1;
    }

    void replace(MessagingEntry served, String signedServerType, Official official, Instant until) {
        jdbc.update("""
                UPDATE messaging_entries SET sequence = ?, timestamp_ns = ?, live = true, document = ?,
                    signed_server_type = ?, client = ?, visor = ?, server = ?, official = ?, available_sessions = ?,
                    until = ?
                WHERE public_key = ?
                """, columns(served, signedServerType, official, until));
    }

    /// Makes a tombstone of the row. The timestamp is cut to now: a clock that once ran ahead must not lock its owner
    /// out for as long as the tombstone stands.
    void bury(PublicKey key, long sequence, long timestamp, Instant now, Instant until) {
        jdbc.update(
                """
                UPDATE messaging_entries SET sequence = ?, timestamp_ns = ?, live = false, document = '',
                    signed_server_type = '', client = false, visor = false, server = false, official = false,
                    available_sessions = 0, until = ?
                WHERE public_key = ?
                """,
                unsigned(sequence),
                Math.min(timestamp, EntryRules.nanos(now)),
                Timestamp.from(until),
                key.bytes());
    }

    int buryAll(Collection<PublicKey> keys, Instant now, Instant until) {
        return jdbc.update(connection -> {
            var statement = connection.prepareStatement(BURY + """
                    FROM (SELECT public_key FROM messaging_entries WHERE live AND public_key = ANY (?)
                          ORDER BY public_key FOR UPDATE) gone
                    WHERE e.public_key = gone.public_key
                    """);
            statement.setLong(1, EntryRules.nanos(now));
            statement.setTimestamp(2, Timestamp.from(until));
            statement.setArray(
                    3,
                    connection.createArrayOf(
                            "bytea", keys.stream().map(PublicKey::bytes).toArray(byte[][]::new)));
            return statement;
        });
    }

    /// Makes tombstones of at most `limit` entries whose time has run out; rows in use are left for later.
    int buryExpired(Kind kind, Instant now, Instant until, int limit) {
        return jdbc.update(
                BURY + """
                FROM (SELECT public_key FROM messaging_entries WHERE live AND server = ? AND until <= ?
                      ORDER BY until LIMIT ? FOR UPDATE SKIP LOCKED) gone
                WHERE e.public_key = gone.public_key
                """,
                EntryRules.nanos(now),
                Timestamp.from(until),
                kind == Kind.SERVERS,
                Timestamp.from(now),
                limit);
    }

    int forgetTombstones(Instant now, int limit) {
        return jdbc.update("""
                DELETE FROM messaging_entries e
                USING (SELECT public_key FROM messaging_entries WHERE NOT live AND server = false AND until <= ?
                       ORDER BY until LIMIT ? FOR UPDATE SKIP LOCKED) old
                WHERE e.public_key = old.public_key
                """, Timestamp.from(now), limit);
    }

    /// What all live servers together still offer.
    long availableSessions() {
        Long sum = jdbc.queryForObject(
                "SELECT coalesce(sum(available_sessions), 0)::bigint FROM messaging_entries WHERE server", Long.class);
        return sum == null ? 0 : sum;
    }

    int count(Kind kind) {
        Integer count = jdbc.queryForObject(
                switch (kind) {
                    case SERVERS -> "SELECT count(*) FROM messaging_entries WHERE server";
                    case OTHERS -> "SELECT count(*) FROM messaging_entries WHERE client";
                },
                Integer.class);
        return count == null ? 0 : count;
    }

    /// The keys of all clients, in their order.
    List<byte[]> clients() {
        return jdbc.query(
                "SELECT public_key FROM messaging_entries WHERE client ORDER BY public_key",
                (row, number) -> row.getBytes(1));
    }

    List<byte[]> visors() {
        return jdbc.query(
                "SELECT public_key FROM messaging_entries WHERE visor ORDER BY public_key",
                (row, number) -> row.getBytes(1));
    }

    /// Documents of servers, most free first. If there are more than `limit` the official ones are all among them and
    /// chance decides on the rest: strangers can register any number of servers.
    List<String> servers(Servers which, int limit) {
        return jdbc.query(
                "SELECT document FROM (SELECT document, available_sessions, public_key FROM messaging_entries WHERE "
                        + which.condition
                        + " ORDER BY official DESC, random() LIMIT ?) chosen"
                        + " ORDER BY available_sessions DESC, public_key",
                (row, number) -> row.getString(1),
                limit);
    }

    /// Fails with a `DataAccessException` while the database is away.
    void ask() {
        jdbc.queryForObject("SELECT 1", Integer.class);
    }

    private static final String BURY = """
            UPDATE messaging_entries e SET timestamp_ns = least(timestamp_ns, ?), live = false, document = '',
                signed_server_type = '', client = false, visor = false, server = false, official = false,
                available_sessions = 0, until = ?
            """;

    private static Object[] columns(MessagingEntry served, String signedServerType, Official official, Instant until) {
        return new Object[] {
            unsigned(served.sequence()),
            served.timestamp(),
            CanonicalJson.document(served),
            signedServerType,
            served.client().isPresent(),
            served.client().isPresent() && served.isVisor(),
            served.server().isPresent(),
            official == Official.YES,
            served.server().map(MessagingEntry.Server::availableSessions).orElse(0L),
            Timestamp.from(until),
            EntryRules.owner(served).bytes()
        };
    }

    /// Whether a server is one that the foundation stands for.
    enum Official {
        YES,
        NO
    }

    private static BigDecimal unsigned(long value) {
        return new BigDecimal(new BigInteger(Long.toUnsignedString(value)));
    }

    private static Row row(ResultSet row, int number) throws SQLException {
        return new Row(
                new Standing(
                        row.getBigDecimal("sequence").toBigInteger().longValue(),
                        row.getLong("timestamp_ns"),
                        row.getBoolean("live")),
                row.getString("document"),
                row.getString("signed_server_type"));
    }
}
