package io.skywire.control.identity;

import io.skywire.shared.key.PublicKey;
import java.math.BigInteger;
import java.sql.Timestamp;
import java.time.InstantSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/// The nonces of signed requests, in PostgreSQL. A nonce is taken by one statement that compares and sets, so of all
/// requests with the same nonce, on all replicas, exactly one gets it.
@Component
class RequestNonces {
    static final BigInteger LARGEST = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    private final JdbcTemplate jdbc;
    private final InstantSource clock;

    RequestNonces(JdbcTemplate jdbc, InstantSource clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

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
        Timestamp now = Timestamp.from(clock.instant());
        if (nonce.signum() == 0) {
            return jdbc.update(
                            "INSERT INTO request_nonces (public_key, next_nonce, taken_at) VALUES (?, 1, ?)"
                                    + " ON CONFLICT (public_key) DO NOTHING",
                            key.bytes(),
                            now)
                    == 1;
        }
        return jdbc.update(
                        "UPDATE request_nonces SET next_nonce = next_nonce + 1, taken_at = ?"
                                + " WHERE public_key = ? AND next_nonce = ?::numeric",
                        now,
                        key.bytes(),
                        nonce.toString())
                == 1;
    }
}
