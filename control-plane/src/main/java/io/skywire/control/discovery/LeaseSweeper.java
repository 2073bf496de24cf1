package io.skywire.control.discovery;

import io.skywire.control.platform.Sweeps;
import io.skywire.control.platform.Sweeps.Sweeper;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.TransactionException;

/// Expires views whose edge has not renewed its lease. Runs on one thread; a bounded batch each time.
///
/// Nobody can renew while the control plane or its database is away, and their absence must not take the network down.
/// So after every gap in its own watch the sweeper waits one lease before it expires anything.
final class LeaseSweeper {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseSweeper.class);

    private final StoredTransports transports;
    private final JdbcTemplate jdbc;
    private final InstantSource clock;
    private final Duration lease;
    private final int batch;
    private final Sweeps sweeps;
    private @Nullable Instant watchingSince;
    private Instant lastLook = Instant.MIN;

    LeaseSweeper(
            StoredTransports transports,
            JdbcTemplate jdbc,
            InstantSource clock,
            DiscoverySettings settings,
            Sweeps sweeps) {
        this.transports = transports;
        this.jdbc = jdbc;
        this.clock = clock;
        this.lease = settings.lease();
        this.batch = settings.sweepBatch();
        this.sweeps = sweeps;
    }

    @Scheduled(fixedDelayString = "${skywire.discovery.sweep-interval:1s}")
    void sweep() {
        Instant now = clock.instant();
        try {
            Instant since = watchingSince;
            if (since == null || lastLook.plus(lease).isBefore(now)) {
                since = now;
            }
            if (since.plus(lease).isAfter(now)) {
                jdbc.queryForObject("SELECT 1", Integer.class);
                sweeps.did(Sweeper.LEASES, 0);
            } else {
                int expired = transports.expire(batch);
                sweeps.did(Sweeper.LEASES, expired);
                if (expired > 0) {
                    LOG.info("{} views expired: their edges have not renewed for {}", expired, lease);
                }
            }
            watchingSince = since;
            lastLook = now;
        } catch (DataAccessException | TransactionException databaseAway) {
            sweeps.failed(Sweeper.LEASES);
            if (watchingSince != null) {
                LOG.warn(
                        "leases cannot be watched: {}; after the database is back they get one lease of grace",
                        databaseAway.getClass().getSimpleName());
            }
            watchingSince = null;
        }
    }
}
