package io.skywire.control.identity;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.platform.GroupCommit;
import io.skywire.shared.key.PublicKey;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/// The nonces of signed requests, in PostgreSQL. A nonce is taken by one statement that compares and sets, so of all
/// requests with the same nonce, on all replicas, exactly one gets it. Requests that come at the same moment share a
/// statement and its commit; each is answered after that commit.
@Component
class RequestNonces implements DisposableBean {
    static final BigInteger LARGEST = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    private static final GroupCommit.Limits LIMITS = new GroupCommit.Limits(4096, 256);

    private final JdbcTemplate jdbc;
    private final InstantSource clock;
    private final GroupCommit<Wanted, Boolean> taking;

    RequestNonces(JdbcTemplate jdbc, InstantSource clock, MeterRegistry meters) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.taking = new GroupCommit<>("request-nonces", LIMITS, meters, this::takeAll);
    }

    private record Wanted(PublicKey key, BigInteger nonce) {}

    /// The nonce that the key's next request must carry: 0 for a key that never signed one.
    BigInteger next(PublicKey key) {
        return jdbc
                .query(
                        "SELECT next_nonce FROM request_nonces WHERE public_key = ?",
                        (row, number) -> row.getBigDecimal(1).toBigIntegerExact(),
                        (Object) key.bytes())
                .stream()
                .findFirst()
                .orElse(BigInteger.ZERO);
    }

    /// Takes the nonce for ever. False if it is not the next one of this key, or no longer.
    boolean take(PublicKey key, BigInteger nonce) {
        return taking.submit(new Wanted(key, nonce));
    }

    /// Several requests of one key go one after the other, each with a statement of its own.
    private List<Boolean> takeAll(List<Wanted> group) {
        boolean[] taken = new boolean[group.size()];
        Map<Integer, Wanted> left = new LinkedHashMap<>();
        for (int i = 0; i < group.size(); i++) {
            left.put(i, group.get(i));
        }
        while (!left.isEmpty()) {
            Map<PublicKey, Integer> round = new TreeMap<>(); // rows are locked in the order of their keys
            left.forEach((place, wanted) -> round.putIfAbsent(wanted.key(), place));
            Set<ByteBuffer> got =
                    takeEach(round.values().stream().map(group::get).toList());
            round.forEach((key, place) -> taken[place] = got.contains(ByteBuffer.wrap(key.bytes())));
            round.values().forEach(left::remove);
        }
        List<Boolean> answers = new ArrayList<>();
        for (boolean one : taken) {
            answers.add(one);
        }
        return answers;
    }

    /// @param wanted each of another key, in the order of their keys
    private Set<ByteBuffer> takeEach(List<Wanted> wanted) {
        Timestamp now = Timestamp.from(clock.instant());
        List<Wanted> first =
                wanted.stream().filter(one -> one.nonce().signum() == 0).toList();
        List<Wanted> later =
                wanted.stream().filter(one -> one.nonce().signum() != 0).toList();
        return new HashSet<>(jdbc.query(
                """
                WITH first AS (
                    INSERT INTO request_nonces (public_key, next_nonce, taken_at)
                    SELECT key, 1, ? FROM unnest(?) AS wanted (key)
                    ON CONFLICT (public_key) DO NOTHING
                    RETURNING public_key),
                later AS (
                    UPDATE request_nonces stored SET next_nonce = next_nonce + 1, taken_at = ?
                    FROM unnest(?, ?) AS wanted (key, nonce)
                    WHERE stored.public_key = wanted.key AND stored.next_nonce = wanted.nonce
                    RETURNING stored.public_key)
                SELECT public_key FROM first UNION ALL SELECT public_key FROM later
                """,
                (PreparedStatement statement) -> {
                    statement.setTimestamp(1, now);
                    statement.setArray(2, keys(statement, first));
                    statement.setTimestamp(3, now);
                    statement.setArray(4, keys(statement, later));
                    statement.setArray(
                            5,
                            statement
                                    .getConnection()
                                    .createArrayOf(
                                            "numeric",
                                            later.stream()
                                                    .map(one -> one.nonce().toString())
                                                    .toArray()));
                },
                (row, number) -> ByteBuffer.wrap(row.getBytes(1))));
    }

    private static Array keys(PreparedStatement statement, Collection<Wanted> wanted) throws SQLException {
        return statement
                .getConnection()
                .createArrayOf(
                        "bytea", wanted.stream().map(one -> one.key().bytes()).toArray(byte[][]::new));
    }

    @Override
    public void destroy() {
        taking.close();
    }
}
