package io.skywire.control.discovery;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.platform.Sweeps;
import io.skywire.control.platform.Sweeps.Sweeper;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.TransactionException;

/// Removes transports that have been down for long and that no edge has spoken of since, a bounded batch each time.
///
/// Rows that somebody uses now are left for later. An edge that speaks of a transport in the very moment of its removal
/// may get an error and says it again in its next session: then the transport is registered anew, with a revision above
/// the old one (V034).
final class DeadTransportPurge {
    private static final Logger LOG = LoggerFactory.getLogger(DeadTransportPurge.class);

    private final JdbcTemplate jdbc;
    private final InstantSource clock;
    private final PurgeSettings settings;
    private final Counter purged;
    private final Sweeps sweeps;

    DeadTransportPurge(JdbcTemplate jdbc, InstantSource clock, PurgeSettings settings, MeterRegistry meters) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.settings = settings;
        purged = Counter.builder("skywire.discovery.transports.purged")
                .description("Transports that were removed because they had been down for long")
                .register(meters);
        sweeps = new Sweeps(meters);
    }

    @Scheduled(
            initialDelayString = "${skywire.discovery.purge.interval:1m}",
            fixedDelayString = "${skywire.discovery.purge.interval:1m}")
    void purge() {
        Timestamp before = Timestamp.from(deadline());
        try {
            int removed = jdbc.update("""
                    DELETE FROM transports t
                    USING (SELECT d.id FROM transports d
                           WHERE NOT d.up AND d.changed_at < ?
                             AND NOT EXISTS (SELECT FROM transport_views v WHERE v.transport_id = d.id
                                             AND (v.state = 'UP' OR v.reported_at >= ? OR v.lease_until >= ?))
                           ORDER BY d.changed_at LIMIT ? FOR UPDATE SKIP LOCKED) dead
                    WHERE t.id = dead.id
                    """, before, before, before, settings.batch());
            sweeps.did(Sweeper.DEAD_TRANSPORTS, removed);
            if (removed > 0) {
                purged.increment(removed);
                LOG.info("{} transports removed: down for more than {}", removed, settings.retention());
            }
        } catch (DataAccessException | TransactionException databaseAway) {
            sweeps.failed(Sweeper.DEAD_TRANSPORTS);
            LOG.debug("dead transports stay: {}", databaseAway.getClass().getSimpleName());
        }
    }

    private Instant deadline() {
        return clock.instant().minus(settings.retention());
    }
}
