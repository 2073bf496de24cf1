package io.skywire.control.messaging;

import io.skywire.control.messaging.EntryTable.Kind;
import io.skywire.control.platform.Sweeps;
import io.skywire.control.platform.Sweeps.Sweeper;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.TransactionException;

/// Ends entries whose time has run out and forgets old tombstones. Runs on one thread; a bounded batch of each.
///
/// Nobody can renew while the control plane or its database is away. So after every gap in its own watch the sweeper
/// gives servers and clients one lifetime each before it ends any of them.
final class EntrySweeper {
    private static final Logger LOG = LoggerFactory.getLogger(EntrySweeper.class);

    private final EntryDirectory directory;
    private final EntryTable table;
    private final InstantSource clock;
    private final MessagingSettings settings;
    private final Sweeps sweeps;
    private @Nullable Instant watchingSince;
    private Instant lastLook = Instant.MIN;

    EntrySweeper(
            EntryDirectory directory,
            EntryTable table,
            InstantSource clock,
            MessagingSettings settings,
            Sweeps sweeps) {
        this.directory = directory;
        this.table = table;
        this.clock = clock;
        this.settings = settings;
        this.sweeps = sweeps;
    }

    @Scheduled(fixedDelayString = "${skywire.messaging.sweep-interval:1s}")
    void sweep() {
        Instant now = clock.instant();
        try {
            table.ask();
            Instant since = watchingSince;
            if (since == null || lastLook.plus(settings.serverLifetime()).isBefore(now)) {
                since = now;
            }
            int servers = expire(Kind.SERVERS, since, settings.serverLifetime(), now);
            int others = expire(Kind.OTHERS, since, settings.clientLease(), now);
            if (servers + others > 0) {
                LOG.info("{} server and {} client entries ended: not updated in time", servers, others);
            }
            int forgotten = table.forgetTombstones(now, settings.sweepBatch());
            sweeps.did(Sweeper.MESSAGING_ENTRIES, servers + others + forgotten);
            watchingSince = since;
            lastLook = now;
        } catch (DataAccessException | TransactionException databaseAway) {
            sweeps.failed(Sweeper.MESSAGING_ENTRIES);
            if (watchingSince != null) {
                LOG.warn(
                        "messaging entries cannot be watched: {}; after the database is back they get their lifetime again",
                        databaseAway.getClass().getSimpleName());
            }
            watchingSince = null;
        }
    }

    private int expire(Kind kind, Instant since, Duration lifetime, Instant now) {
        return since.plus(lifetime).isAfter(now) ? 0 : directory.expire(kind, settings.sweepBatch());
    }
}
