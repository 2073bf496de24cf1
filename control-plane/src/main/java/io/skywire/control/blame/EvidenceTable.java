package io.skywire.control.blame;

import io.skywire.control.blame.Subject.Node;
import io.skywire.control.blame.Subject.Transport;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.transport.TransportId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/// The table `blame_evidence`. Calls that write join the caller's transaction.
///
/// Where there is too much, what counts least goes first, so that nobody can push out strong evidence with much weak.
/// Rows that another replica is deleting are left to it.
@Component
final class EvidenceTable {
    /// Evidence of one accuser against one subject: more would hardly raise the score any further.
    static final int MOST_PER_PAIR = 8;

    static final int MOST_PER_SUBJECT = 64;
    static final int MOST_PER_ACCUSER = 256;

    /// The logarithm of what a row counts, but for a term that is the same for all rows. One parameter: the decay rate.
    private static final String COUNTS = "ln(weight) + extract(epoch FROM at)::float8 * ?";

    private final JdbcTemplate jdbc;
    private final double ratePerSecond;
    private final int most;

    EvidenceTable(JdbcTemplate jdbc, BlameSettings settings) {
        this.jdbc = jdbc;
        this.ratePerSecond = Math.log(2) * 1000 / settings.halfLife().toMillis();
        this.most = settings.maxEvidence();
    }

    /// Enters evidence and drops what has become too much.
    void add(List<Evidence> evidence) {
        jdbc.batchUpdate("""
                INSERT INTO blame_evidence (subject, lower, higher, accuser, reason, weight, at, route)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)""", evidence.stream().map(EvidenceTable::row).toList());
        byte[][] subjects = evidence.stream()
                .map(Evidence::subject)
                .distinct()
                .map(EvidenceTable::name)
                .toArray(byte[][]::new);
        byte[][] accusers = evidence.stream()
                .flatMap(one -> one.accuser().stream())
                .distinct()
                .map(PublicKey::bytes)
                .toArray(byte[][]::new);
        trim("subject, accuser", "subject", subjects, MOST_PER_PAIR);
        trim("subject", "subject", subjects, MOST_PER_SUBJECT);
        trim("accuser", "accuser", accusers, MOST_PER_ACCUSER);
    }

    private void trim(String each, String column, byte[][] of, int most) {
        jdbc.update(connection -> {
            var statement = connection.prepareStatement("""
                    DELETE FROM blame_evidence WHERE id IN (
                        SELECT id FROM blame_evidence WHERE id IN (
                            SELECT id FROM (
                                SELECT id, row_number() OVER (PARTITION BY %s ORDER BY %s DESC, id DESC) AS place
                                FROM blame_evidence WHERE %s = ANY (?)) AS placed
                            WHERE place > ?)
                        FOR UPDATE SKIP LOCKED)""".formatted(each, COUNTS, column));
            statement.setDouble(1, ratePerSecond);
            statement.setArray(2, connection.createArrayOf("bytea", of));
            statement.setInt(3, most);
            return statement;
        });
    }

    /// Deletes at most `limit` rows that have become meaningless, and as many of those that are too many altogether.
    int sweep(Instant before, int limit) {
        int old = jdbc.update("""
                DELETE FROM blame_evidence WHERE id IN (
                    SELECT id FROM blame_evidence WHERE at < ? ORDER BY at LIMIT ? FOR UPDATE SKIP LOCKED)""", Timestamp.from(before), limit);
        Long rows = jdbc.queryForObject("SELECT count(*) FROM blame_evidence", Long.class);
        long tooMany = Objects.requireNonNullElse(rows, 0L) - most;
        return tooMany <= 0 ? old : old + jdbc.update("""
                        DELETE FROM blame_evidence WHERE id IN (
                            SELECT id FROM blame_evidence ORDER BY %s, id LIMIT ? FOR UPDATE SKIP LOCKED)""".formatted(COUNTS), ratePerSecond, Math.min(tooMany, limit));
    }

    /// The rows since `from`; of too many the newest.
    List<Long> ids(Instant from) {
        return jdbc.query(
                "SELECT id FROM blame_evidence WHERE at >= ? ORDER BY id DESC LIMIT ?",
                (row, number) -> row.getLong(1),
                Timestamp.from(from),
                most);
    }

    /// Those of the rows that are still there.
    List<Evidence> read(List<Long> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        return jdbc
                .query("SELECT * FROM blame_evidence WHERE id = ANY (?)", (row, number) -> evidence(row), (Object)
                        ids.toArray(Long[]::new))
                .stream()
                .flatMap(Optional::stream)
                .toList();
    }

    private static Object[] row(Evidence one) {
        Optional<Transport> transport =
                one.subject() instanceof Transport named ? Optional.of(named) : Optional.empty();
        return new Object[] {
            name(one.subject()),
            transport.map(edges -> edges.lower().bytes()).orElse(null),
            transport.map(edges -> edges.higher().bytes()).orElse(null),
            one.accuser().map(PublicKey::bytes).orElse(null),
            one.kind().name(),
            one.weight(),
            Timestamp.from(one.at()),
            one.route().uuid()
        };
    }

    /// Empty for a kind that only a newer replica knows.
    private static Optional<Evidence> evidence(ResultSet row) throws SQLException {
        FaultKind kind;
        try {
            kind = FaultKind.valueOf(row.getString("reason"));
        } catch (IllegalArgumentException newerReplica) {
            return Optional.empty();
        }
        byte[] name = row.getBytes("subject");
        Subject subject = name.length == PublicKey.LENGTH
                ? new Node(PublicKey.of(name))
                : new Transport(
                        TransportId.of(name),
                        PublicKey.of(row.getBytes("lower")),
                        PublicKey.of(row.getBytes("higher")));
        return Optional.of(new Evidence(
                row.getLong("id"),
                subject,
                Optional.ofNullable(nullableBytes(row, "accuser")).map(PublicKey::of),
                kind,
                row.getDouble("weight"),
                row.getTimestamp("at").toInstant(),
                new RouteUid(row.getObject("route", UUID.class))));
    }

    private static byte @Nullable [] nullableBytes(ResultSet row, String column) throws SQLException {
        return row.getBytes(column);
    }

    private static byte[] name(Subject subject) {
        return switch (subject) {
            case Node node -> node.key().bytes();
            case Transport transport -> transport.id().bytes();
        };
    }
}
