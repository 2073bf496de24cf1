package io.skywire.control.platform;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;

/// Keeps this replica's row fresh and reads those of the others, over a connection of its own outside the pool: a
/// replica is not dead because its pool is busy. One thread; a silent database is given up after two seconds.
/// ```
/// REACHED ──nothing answered for 2.5 s──► AWAY ──a renewal succeeds──► REACHED; those known stay alive for 5 s
/// any ──a renewal finds an older count than before──► the process ends: the database was restored from a copy
/// ```
final class ReplicaRegister implements Replicas, InitializingBean, DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaRegister.class);
    private static final Duration SILENCE = Duration.ofSeconds(2);
    private static final Duration RETRY = Duration.ofMillis(250);
    private static final Duration END = Duration.ofSeconds(3);
    private static final String APPLICATION = "skywire-replica";

    private static final String RENEW = """
            WITH renewed AS (
                INSERT INTO replicas (id, sessions, serving) VALUES (?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET renewed_at = clock_timestamp(), sessions = excluded.sessions,
                                               serving = excluded.serving),
            counted AS (UPDATE database_history SET beats = beats + 1 RETURNING beats)
            SELECT other.id, other.sessions, other.serving,
                   other.renewed_at > clock_timestamp() - ? * interval '1 ms', counted.beats
            FROM counted LEFT JOIN replicas other ON other.id <> ?""";

    /// First the rows of replicas: what stands in `agent_sessions` without one goes with the next sweep.
    private static final List<String> SWEEP = List.of(
            "DELETE FROM agent_sessions s WHERE NOT EXISTS (SELECT FROM replicas r WHERE r.id = s.replica)"
                    + " AND s.since < clock_timestamp() - ? * interval '1 ms'",
            "DELETE FROM replicas WHERE renewed_at < clock_timestamp() - ? * interval '1 ms'");

    private final PostgresChangeFeed.Database database;
    private final InstantSource clock;
    private final Times times;
    private final ReplicaId self = new ReplicaId(UUID.randomUUID());
    private final List<Runnable> returns = new CopyOnWriteArrayList<>();
    private final Thread worker = Thread.ofPlatform().name("replicas").daemon().unstarted(this::work);
    private volatile IntSupplier sessions = () -> 0;
    private volatile Standing standing = Standing.ASIDE;
    private volatile boolean ended;
    private volatile Map<ReplicaId, Replica> others = Map.of();
    private volatile Instant lastAnswer;
    private volatile String lastError = "it was never reached";
    private final Runnable onCutHistory;
    private Instant steadySince;
    private Instant nextSweep;
    private long lastBeats;

    /// @param renew between two renewals
    /// @param away after so long without an answer the database counts as away
    /// @param dead after so long without a renewal a replica is dead
    /// @param forget after so long its rows go
    record Times(Duration renew, Duration away, Duration dead, Duration forget) {
        static final Times USUAL = new Times(
                Duration.ofSeconds(1), Duration.ofMillis(2500), Duration.ofSeconds(5), Duration.ofSeconds(30));
    }

    /// @param onCutHistory what ends this process when the database turns out to have been restored from a copy
    ReplicaRegister(PostgresChangeFeed.Database database, InstantSource clock, Times times, Runnable onCutHistory) {
        this.onCutHistory = onCutHistory;
        this.database = database;
        this.clock = clock;
        this.times = times;
        lastAnswer = clock.instant();
        steadySince = lastAnswer;
        nextSweep = lastAnswer;
    }

    /// Before the servers open: no session is held by a replica that nobody knows.
    @Override
    public void afterPropertiesSet() {
        try (Connection connection = database.connect(APPLICATION, SILENCE)) {
            renew(connection);
        } catch (SQLException away) {
            LOG.warn("this replica is not written down yet: {}", away.getMessage());
        }
        worker.start();
    }

    /// Takes this replica's rows away.
    @Override
    public void destroy() throws InterruptedException {
        ended = true;
        worker.interrupt();
        if (worker.isAlive()) {
            worker.join(END);
        }
        try (Connection connection = database.connect(APPLICATION, SILENCE);
                PreparedStatement held = connection.prepareStatement("DELETE FROM agent_sessions WHERE replica = ?");
                PreparedStatement row = connection.prepareStatement("DELETE FROM replicas WHERE id = ?")) {
            held.setObject(1, self.uuid());
            held.executeUpdate();
            row.setObject(1, self.uuid());
            row.executeUpdate();
        } catch (SQLException away) {
            LOG.debug("others will sweep what stands of this replica: {}", away.getMessage());
        }
    }

    @Override
    public ReplicaId self() {
        return self;
    }

    @Override
    public boolean isAlive(ReplicaId replica) {
        return replica.equals(self) || others.containsKey(replica);
    }

    @Override
    public Collection<Replica> alive() {
        List<Replica> all = new ArrayList<>(others.values());
        all.add(new Replica(self, sessions.getAsInt(), standing));
        return all;
    }

    @Override
    public DatabaseReach reach() {
        Instant last = lastAnswer;
        return last.plus(times.away()).isAfter(clock.instant())
                ? new DatabaseReach.Reached()
                : new DatabaseReach.Away(last, lastError);
    }

    @Override
    public void carries(IntSupplier count) {
        sessions = count;
    }

    @Override
    public void stand(Standing now) {
        standing = now;
        worker.interrupt();
    }

    @Override
    public void onReturn(Runnable task) {
        returns.add(task);
    }

    private void work() {
        while (!ended) {
            try (Connection connection = database.connect(APPLICATION, SILENCE)) {
                while (!ended) {
                    renew(connection);
                    sweepIfDue(connection);
                    pause(times.renew());
                }
            } catch (SQLException away) {
                lastError = String.valueOf(away.getMessage());
                LOG.debug("this replica's row is not renewed: {}", lastError);
                pause(RETRY);
            }
        }
    }

    private void renew(Connection connection) throws SQLException {
        Map<ReplicaId, Replica> fresh = new HashMap<>();
        Map<ReplicaId, Replica> stale = new HashMap<>();
        try (PreparedStatement renew = connection.prepareStatement(RENEW)) {
            renew.setObject(1, self.uuid());
            renew.setInt(2, sessions.getAsInt());
            renew.setBoolean(3, standing == Standing.SERVING);
            renew.setLong(4, times.dead().toMillis());
            renew.setObject(5, self.uuid());
            try (ResultSet rows = renew.executeQuery()) {
                long beats = 0;
                while (rows.next()) {
                    beats = rows.getLong(5);
                    if (rows.getObject(1) == null) {
                        continue;
                    }
                    ReplicaId id = new ReplicaId(rows.getObject(1, UUID.class));
                    Standing theirs = rows.getBoolean(3) ? Standing.SERVING : Standing.ASIDE;
                    (rows.getBoolean(4) ? fresh : stale).put(id, new Replica(id, rows.getInt(2), theirs));
                }
                count(beats);
            }
        }
        Instant now = clock.instant();
        boolean back = !lastAnswer.plus(times.away()).isAfter(now);
        if (back) {
            LOG.info(
                    "the database is back after {} s",
                    Duration.between(lastAnswer, now).toSeconds());
            steadySince = now;
        }
        if (steadySince.plus(times.dead()).isAfter(now)) {
            // They could not renew either. One that has taken its row away is gone all the same.
            stale.keySet().retainAll(others.keySet());
            fresh.putAll(stale);
        }
        others = Map.copyOf(fresh);
        lastAnswer = now;
        if (back) {
            returns.forEach(ReplicaRegister::call);
        }
    }

    /// Every replica counts on with each renewal: a number that does not exceed the last one seen here was written
    /// before it, so what was committed in between is gone.
    private void count(long beats) {
        if (beats <= lastBeats) {
            LOG.error(
                    "the database has forgotten what this replica has seen committed (its count is {}, it was {}): it"
                            + " was restored from a copy. This process ends at once, because what it remembers is of"
                            + " another history; started again it begins from the copy",
                    beats,
                    lastBeats);
            onCutHistory.run();
        }
        lastBeats = beats;
    }

    private static void call(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException theirs) {
            LOG.warn("what follows the database's return failed", theirs);
        }
    }

    /// Never soon after an outage: then every row looks old. It counts as one when this process stood still since it
    /// renewed, so time is that of the renewal.
    private void sweepIfDue(Connection connection) throws SQLException {
        Instant now = lastAnswer;
        if (nextSweep.isAfter(now) || steadySince.plus(times.forget()).isAfter(now)) {
            return;
        }
        nextSweep = now.plus(times.forget().dividedBy(3));
        for (String delete : SWEEP) {
            try (PreparedStatement sweep = connection.prepareStatement(delete)) {
                sweep.setLong(1, times.forget().toMillis());
                sweep.executeUpdate();
            }
        }
    }

    private void pause(Duration time) {
        try {
            TimeUnit.MILLISECONDS.sleep(time.toMillis());
        } catch (InterruptedException somethingToTell) {
            LOG.debug("renewing at once");
        }
    }
}
