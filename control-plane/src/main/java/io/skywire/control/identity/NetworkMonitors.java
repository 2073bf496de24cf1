package io.skywire.control.identity;

import io.skywire.control.platform.Sweeps;
import io.skywire.control.platform.Sweeps.Sweeper;
import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.PublicKey;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Lets listed network monitors take dead entries out. Three steps, the cheap ones first and the one that uses up the
/// nonce last, so that a stranger can use up nobody's: [#proof], [#check] when the body was read, [#spend] when the
/// body was understood.
///
/// Safe for any thread and any number of replicas.
@Component
public final class NetworkMonitors {
    private static final Logger LOG = LoggerFactory.getLogger(NetworkMonitors.class);
    private static final int SWEEP = 1000;

    private final JdbcTemplate jdbc;
    private final InstantSource clock;
    private final MonitorSettings settings;
    private final Sweeps sweeps;
    private final Set<PublicKey> monitors;

    NetworkMonitors(JdbcTemplate jdbc, InstantSource clock, MonitorSettings settings, Sweeps sweeps) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.settings = settings;
        this.sweeps = sweeps;
        this.monitors = settings.publicKeys();
    }

    /// Reads the proof of a listed monitor.
    ///
    /// @param header gives the request's header of a name, or null
    public MonitorProof proof(Function<String, @Nullable String> header) throws MonitorRefused {
        String text = header.apply("NM-PK");
        if (text == null || text.isEmpty()) {
            throw MonitorRefused.forbidden("this is for network monitors only");
        }
        PublicKey monitor;
        try {
            monitor = StockKeys.publicKey(text);
        } catch (InvalidKeyException invalid) {
            throw MonitorRefused.malformed("NM-PK is no public key");
        }
        if (!monitors.contains(monitor)) {
            throw MonitorRefused.forbidden("this key is no network monitor here");
        }
        return MonitorProof.parse(monitor, header.apply("NM-Time"), header.apply("NM-Nonce"), header.apply("NM-Sign"));
    }

    /// Returns if the proof was made now, by its monitor, for a DELETE of this path with this body.
    public void check(MonitorProof proof, String path, byte[] body) throws MonitorRefused {
        if (!proof.isFresh(clock.instant(), settings.freshness()) || !proof.covers(path, body)) {
            throw MonitorRefused.forbidden("the proof is not fresh or not valid for this request");
        }
    }

    /// Uses the proof up. While the database is away, throws Spring's `DataAccessException`.
    public void spend(MonitorProof proof) throws MonitorRefused {
        // Twice the freshness after the proof's own time: it may lie ahead of now.
        Instant until = proof.time().plus(settings.freshness().multipliedBy(2));
        int unused = jdbc.update(
                "INSERT INTO monitor_proofs (monitor, nonce, until) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                proof.monitor().bytes(),
                proof.nonce(),
                Timestamp.from(until));
        if (unused == 0) {
            LOG.warn(
                    "network monitor {} sent a proof that was used before",
                    proof.monitor().shortHex());
            throw MonitorRefused.forbidden("the proof was used before");
        }
    }

    @Scheduled(fixedDelayString = "${skywire.identity.monitors.sweep-interval:10s}")
    void forgetOldProofs() {
        try {
            int forgotten = jdbc.update("""
                    DELETE FROM monitor_proofs p
                    USING (SELECT monitor, nonce FROM monitor_proofs WHERE until <= ? LIMIT ? FOR UPDATE SKIP LOCKED) old
                    WHERE p.monitor = old.monitor AND p.nonce = old.nonce
                    """, Timestamp.from(clock.instant()), SWEEP);
            sweeps.did(Sweeper.MONITOR_PROOFS, forgotten);
        } catch (DataAccessException databaseAway) {
            sweeps.failed(Sweeper.MONITOR_PROOFS);
            LOG.debug("old proofs stay for now: {}", databaseAway.getClass().getSimpleName());
        }
    }
}
