package io.skywire.control.blame;

import io.skywire.control.blame.Subject.Node;
import io.skywire.control.blame.Subject.Transport;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.transport.TransportId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/// The table `blame_evidence`. Calls that write join the caller's transaction.
///
/// Where there is too much, what counts least goes first, so that nobody can push out strong evidence with much weak.
/// Rows that another replica is deleting are left to it.
@Component
final class EvidenceTable {
    /// Evidence of one accuser against one subject: more would not raise the score any further.
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

    /// Enters evidence and drops what has become too much. Returns whose evidence is another now.
    Set<SubjectName> add(List<Evidence> evidence) {
        jdbc.batchUpdate("""
                INSERT INTO blame_evidence (subject, lower, higher, accuser, reason, weight, at, route)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)""", evidence.stream().map(EvidenceTable::row).toList());
        byte[][] subjects = evidence.stream()
                .map(one -> SubjectName.of(one.subject()))
                .distinct()
                .map(SubjectName::bytes)
                .toArray(byte[][]::new);
        byte[][] accusers = evidence.stream()
                .flatMap(one -> one.accuser().stream())
                .distinct()
                .map(PublicKey::bytes)
                .toArray(byte[][]::new);
        Stream<SubjectName> trimmed = Stream.of(
                        trim("subject, accuser", "subject", subjects, MOST_PER_PAIR),
                        trim("subject", "subject", subjects, MOST_PER_SUBJECT),
                        trim("accuser", "accuser", accusers, MOST_PER_ACCUSER))
                .flatMap(List::stream);
        return Stream.concat(evidence.stream().map(one -> SubjectName.of(one.subject())), trimmed)
                .collect(Collectors.toSet());
    }

    private List<SubjectName> trim(String each, String column, byte[][] of, int most) {
        return jdbc.query(
                connection -> {
                    var statement = connection.prepareStatement("""
                            DELETE FROM blame_evidence WHERE id IN (
                                SELECT id FROM blame_evidence WHERE id IN (
                                    SELECT id FROM (
                                        SELECT id, row_number() OVER (PARTITION BY %s ORDER BY %s DESC, id DESC) AS place
                                        FROM blame_evidence WHERE %s = ANY (?)) AS placed
                                    WHERE place > ?)
                                FOR UPDATE SKIP LOCKED)
                            RETURNING subject""".formatted(each, COUNTS, column));
                    statement.setDouble(1, ratePerSecond);
                    statement.setArray(2, bytes(connection, of));
                    statement.setInt(3, most);
                    return statement;
                },
                (row, number) -> SubjectName.of(row.getBytes(1)));
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

    /// All evidence since `from`; of too much the newest.
    List<Evidence> since(Instant from) {
        return jdbc
                .query(
                        "SELECT * FROM blame_evidence WHERE at >= ? ORDER BY id DESC LIMIT ?",
                        (row, number) -> evidence(row),
                        Timestamp.from(from),
                        most)
                .stream()
                .flatMap(Optional::stream)
                .toList();
    }

    /// The evidence against these.
    List<Evidence> against(Collection<SubjectName> subjects, Instant from) {
        byte[][] names = subjects.stream().map(SubjectName::bytes).toArray(byte[][]::new);
        return jdbc
                .query(
                        connection -> {
                            var statement = connection.prepareStatement(
                                    "SELECT * FROM blame_evidence WHERE subject = ANY (?) AND at >= ?");
                            statement.setArray(1, bytes(connection, names));
                            statement.setTimestamp(2, Timestamp.from(from));
                            return statement;
                        },
                        (row, number) -> evidence(row))
                .stream()
                .flatMap(Optional::stream)
                .toList();
    }

    private static Object[] row(Evidence one) {
        Optional<Transport> transport =
                one.subject() instanceof Transport named ? Optional.of(named) : Optional.empty();
        return new Object[] {
            SubjectName.of(one.subject()).bytes(),
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

    private static Array bytes(Connection connection, byte[][] values) throws SQLException {
        return connection.createArrayOf("bytea", values);
    }
}
