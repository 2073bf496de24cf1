package io.skywire.control.directory;

import io.skywire.control.platform.Sweeps;
import io.skywire.control.platform.Sweeps.Sweeper;
import io.skywire.shared.key.PublicKey;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// Uptime of nodes in PostgreSQL. Each call of a node credits the 300-second stretch that it falls into, once.
///
/// Safe for any thread and any number of replicas. While the database is away the calls throw Spring's
/// `DataAccessException` or `TransactionException`.
@Service
final class UptimeLedger {
    private static final Logger LOG = LoggerFactory.getLogger(UptimeLedger.class);

    /// 288 of them make a day, so none lies in two.
    private static final Duration STRETCH = Duration.ofSeconds(300);

    private static final int MAX_VERSION = 100;
    private static final int MOST_AT_ONCE = 1000;

    private final JdbcTemplate jdbc;
    private final TransactionTemplate transactions;
    private final InstantSource clock;
    private final UptimeSettings settings;
    private final Sweeps sweeps;

    UptimeLedger(
            JdbcTemplate jdbc,
            PlatformTransactionManager transactions,
            InstantSource clock,
            UptimeSettings settings,
            Sweeps sweeps) {
        this.jdbc = jdbc;
        this.transactions = new TransactionTemplate(transactions);
        this.clock = clock;
        this.settings = settings;
        this.sweeps = sweeps;
    }

    /// Which nodes a question is about.
    enum Presence {
        ANY,
        ONLINE,
        OFFLINE
    }

    /// Days, both included.
    record Days(LocalDate first, LocalDate last) {}

    void seen(PublicKey node, String version) {
        Instant now = clock.instant();
        long stretch = Math.floorDiv(now.getEpochSecond(), STRETCH.toSeconds());
        transactions.executeWithoutResult(status -> {
            int credited = jdbc.update("""
                    INSERT INTO node_uptime AS n (public_key, version, last_bucket, updated_at) VALUES (?, ?, ?, ?)
                    ON CONFLICT (public_key) DO UPDATE SET
                        version = excluded.version, last_bucket = excluded.last_bucket,
                        updated_at = greatest(n.updated_at, excluded.updated_at)
                    WHERE n.last_bucket < excluded.last_bucket
                    """, node.bytes(), printable(version), stretch, Timestamp.from(now));
            if (credited == 0) {
                jdbc.update(
                        "UPDATE node_uptime SET version = ?, updated_at = ? WHERE public_key = ? AND updated_at < ?",
                        printable(version),
                        Timestamp.from(now),
                        node.bytes(),
                        Timestamp.from(now));
            } else {
                jdbc.update("""
                        INSERT INTO node_uptime_days AS d (public_key, day, seconds) VALUES (?, ?, ?)
                        ON CONFLICT (public_key, day) DO UPDATE SET seconds = least(86400, d.seconds + excluded.seconds)
                        """, node.bytes(), Date.valueOf(LocalDate.ofInstant(now, ZoneOffset.UTC)), (int)
                        STRETCH.toSeconds());
            }
        });
    }

    /// These nodes have a session now. Credits them as [#seen] does, many with a few statements; their version is what
    /// they told in the session.
    void present(Collection<PublicKey> nodes) {
        Instant now = clock.instant();
        List<PublicKey> sorted = nodes.stream().sorted().distinct().toList();
        for (int from = 0; from < sorted.size(); from += MOST_AT_ONCE) {
            byte[][] keys = sorted.subList(from, Math.min(sorted.size(), from + MOST_AT_ONCE)).stream()
                    .map(PublicKey::bytes)
                    .toArray(byte[][]::new);
            transactions.executeWithoutResult(status -> credit(keys, now));
        }
    }

    private void credit(byte[][] keys, Instant now) {
        jdbc.update(connection -> {
            var statement = connection.prepareStatement("""
                    WITH credited AS (
                        INSERT INTO node_uptime AS n (public_key, version, last_bucket, updated_at)
                        SELECT h.public_key, coalesce(f.software, ''), ?, ?
                        FROM unnest(?::bytea[]) AS h (public_key)
                        LEFT JOIN node_facts f ON f.public_key = h.public_key
                        ORDER BY h.public_key
                        ON CONFLICT (public_key) DO UPDATE SET
                            version = excluded.version, last_bucket = excluded.last_bucket,
                            updated_at = greatest(n.updated_at, excluded.updated_at)
                        WHERE n.last_bucket < excluded.last_bucket
                        RETURNING public_key)
                    INSERT INTO node_uptime_days AS d (public_key, day, seconds)
                    SELECT public_key, ?, ? FROM credited ORDER BY public_key
                    ON CONFLICT (public_key, day) DO UPDATE SET seconds = least(86400, d.seconds + excluded.seconds)
                    """);
            statement.setLong(1, Math.floorDiv(now.getEpochSecond(), STRETCH.toSeconds()));
            statement.setTimestamp(2, Timestamp.from(now));
            statement.setArray(3, connection.createArrayOf("bytea", keys));
            statement.setDate(4, Date.valueOf(LocalDate.ofInstant(now, ZoneOffset.UTC)));
            statement.setInt(5, (int) STRETCH.toSeconds());
            return statement;
        });
        jdbc.update(connection -> {
            var statement = connection.prepareStatement(
                    "UPDATE node_uptime SET updated_at = ? WHERE public_key = ANY (?) AND updated_at < ?");
            statement.setTimestamp(1, Timestamp.from(now));
            statement.setArray(2, connection.createArrayOf("bytea", keys));
            statement.setTimestamp(
                    3, Timestamp.from(now.minus(settings.onlineFor().dividedBy(3))));
            return statement;
        });
    }

    /// What is known of the nodes, in the order of their keys.
    ///
    /// @param nodes empty for all
    List<NodeUptime> of(Collection<PublicKey> nodes, Presence presence, Days days) {
        Timestamp onlineSince = Timestamp.from(clock.instant().minus(settings.onlineFor()));
        Map<PublicKey, NodeUptime> found = new LinkedHashMap<>();
        jdbc.query(
                connection -> {
                    var statement = connection.prepareStatement("""
                            SELECT n.public_key, n.version, n.updated_at >= ? AS online, d.day, d.seconds
                            FROM node_uptime n
                            LEFT JOIN node_uptime_days d ON d.public_key = n.public_key AND d.day BETWEEN ? AND ?
                            WHERE (? OR n.public_key = ANY (?)) AND (? = 'ANY' OR (n.updated_at >= ?) = (? = 'ONLINE'))
                            ORDER BY n.public_key, d.day
                            """);
                    statement.setTimestamp(1, onlineSince);
                    statement.setDate(2, Date.valueOf(days.first()));
                    statement.setDate(3, Date.valueOf(days.last()));
                    statement.setBoolean(4, nodes.isEmpty());
                    statement.setArray(
                            5,
                            connection.createArrayOf(
                                    "bytea",
                                    nodes.stream().map(PublicKey::bytes).toArray(byte[][]::new)));
                    statement.setString(6, presence.name());
                    statement.setTimestamp(7, onlineSince);
                    statement.setString(8, presence.name());
                    return statement;
                },
                row -> {
                    add(found, row);
                });
        return List.copyOf(found.values());
    }

    Optional<NodeUptime> of(PublicKey node, Days days) {
        return of(List.of(node), Presence.ANY, days).stream().findFirst();
    }

    /// The current month so far.
    Days currentMonth() {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        return new Days(today.withDayOfMonth(1), today);
    }

    @Scheduled(fixedDelayString = "${skywire.uptime.sweep-interval:10m}")
    void forgetOldDays() {
        LocalDate oldest = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).minusDays(settings.historyDays());
        try {
            int forgotten = jdbc.update("""
                    DELETE FROM node_uptime_days d
                    USING (SELECT public_key, day FROM node_uptime_days WHERE day < ? LIMIT ?) old
                    WHERE d.public_key = old.public_key AND d.day = old.day
                    """, Date.valueOf(oldest), settings.sweepBatch());
            sweeps.did(Sweeper.UPTIME_DAYS, forgotten);
        } catch (DataAccessException databaseAway) {
            sweeps.failed(Sweeper.UPTIME_DAYS);
            LOG.debug("old days stay for now: {}", databaseAway.getClass().getSimpleName());
        }
    }

    private static void add(Map<PublicKey, NodeUptime> found, ResultSet row) throws SQLException {
        PublicKey node = PublicKey.of(row.getBytes("public_key"));
        NodeUptime uptime = found.get(node);
        if (uptime == null) {
            uptime = new NodeUptime(node, row.getBoolean("online"), row.getString("version"), new TreeMap<>());
            found.put(node, uptime);
        }
        Date day = row.getDate("day");
        if (day != null) {
            uptime.secondsOf().put(day.toLocalDate(), row.getInt("seconds"));
        }
    }

    /// What a stranger says of itself goes into pages: no control characters (PostgreSQL refuses NUL), and an end.
    static String printable(String version) {
        String cut = version.length() <= MAX_VERSION ? version : version.substring(0, MAX_VERSION);
        return cut.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
