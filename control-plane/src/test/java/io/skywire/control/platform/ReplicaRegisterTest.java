package io.skywire.control.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.skywire.control.testing.FakeClock;
import io.skywire.control.testing.PostgresExtension;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Registers of several replicas over one real PostgreSQL.
class ReplicaRegisterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private final ReplicaRegister here = register(ReplicaRegister.Times.USUAL);
    private final ReplicaRegister there = register(ReplicaRegister.Times.USUAL);

    @AfterEach
    void endBoth() throws InterruptedException {
        here.destroy();
        there.destroy();
    }

    @Test
    void equalReplicasKnowEachOtherAndWhatTheyCarry() {
        here.carries(() -> 7);
        there.carries(() -> 11);
        here.afterPropertiesSet();
        there.afterPropertiesSet();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(here.alive())
                        .containsExactlyInAnyOrder(
                                new Replicas.Replica(here.self(), 7, Replicas.Standing.ASIDE),
                                new Replicas.Replica(there.self(), 11, Replicas.Standing.ASIDE)));
        assertThat(there.isAlive(here.self())).isTrue();
        assertThat(here.isAlive(here.self())).isTrue();

        there.stand(Replicas.Standing.SERVING);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(here.alive())
                        .contains(new Replicas.Replica(there.self(), 11, Replicas.Standing.SERVING)));
    }

    @Test
    void aReplicaThatEndsTakesItsRowsAway() throws Exception {
        here.afterPropertiesSet();
        there.afterPropertiesSet();
        await().atMost(PATIENCE).until(() -> here.isAlive(there.self()));
        session(there.self());

        there.destroy();

        assertThat(count("SELECT count(*) FROM agent_sessions WHERE replica = '" + there.self() + "'"))
                .isZero();
        await().atMost(PATIENCE).until(() -> !here.isAlive(there.self()));
    }

    @Test
    void aReplicaThatStopsRenewingIsDeadAndItsRowsAreSwept() throws Exception {
        ReplicaId silent = new ReplicaId(java.util.UUID.randomUUID());
        execute("INSERT INTO replicas (id, sessions) VALUES ('" + silent + "', 3)");
        session(silent);
        ReplicaRegister sweeper = register(new ReplicaRegister.Times(
                Duration.ofMillis(50), Duration.ofSeconds(30), Duration.ofSeconds(2), Duration.ofSeconds(3)));
        sweeper.afterPropertiesSet();
        try {
            assertThat(sweeper.isAlive(silent)).isTrue();
            await().atMost(PATIENCE).until(() -> !sweeper.isAlive(silent));
            await().atMost(PATIENCE)
                    .until(() -> count("SELECT count(*) FROM replicas WHERE id = '" + silent + "'")
                                    + count("SELECT count(*) FROM agent_sessions WHERE replica = '" + silent + "'")
                            == 0);
            assertThat(count("SELECT count(*) FROM replicas WHERE id = '" + sweeper.self() + "'"))
                    .isEqualTo(1);
        } finally {
            sweeper.destroy();
        }
    }

    @Test
    void afterAnOutageOthersStayAliveUntilTheyHadTimeToRenew() throws Exception {
        FakeClock clock = new FakeClock();
        ReplicaId other = new ReplicaId(java.util.UUID.randomUUID());
        execute("INSERT INTO replicas (id, sessions) VALUES ('" + other + "', 3)");
        ReplicaRegister register = register(ReplicaRegister.Times.USUAL, clock);
        AtomicInteger returns = new AtomicInteger();
        register.onReturn(returns::incrementAndGet);
        register.afterPropertiesSet();
        try {
            assertThat(register.isAlive(other)).isTrue();
            // As after an outage: nobody could renew, and this replica was not answered either.
            execute("UPDATE replicas SET renewed_at = renewed_at - interval '1 hour' WHERE id = '" + other + "'");
            clock.advance(Duration.ofMinutes(1));
            await().atMost(PATIENCE).until(() -> returns.get() == 1);
            assertThat(register.isAlive(other)).isTrue();

            clock.advance(Duration.ofSeconds(2));
            assertThat(register.isAlive(other)).isTrue();
            clock.advance(Duration.ofSeconds(2));
            await().atMost(PATIENCE).until(() -> {
                clock.advance(Duration.ofMillis(100));
                return !register.isAlive(other);
            });
        } finally {
            register.destroy();
        }
    }

    @Test
    void saysThatTheDatabaseIsAwayAndWhenItIsBack() {
        FakeClock clock = new FakeClock();
        ReplicaRegister lost = new ReplicaRegister(
                new PostgresChangeFeed.Database("jdbc:postgresql://127.0.0.1:1/nothing", null, null),
                clock,
                ReplicaRegister.Times.USUAL,
                () -> {});
        assertThat(lost.reach()).isInstanceOf(DatabaseReach.Reached.class);
        assertThat(new DatabaseHealth(lost, () -> 1).health().getStatus().getCode())
                .isEqualTo("UP");
        assertThat(new DatabaseHealth(lost, () -> 0).health().getDetails())
                .containsEntry("reason", "the pool has no connection to PostgreSQL");
        clock.advance(Duration.ofMillis(2600));
        assertThat(lost.reach()).isInstanceOf(DatabaseReach.Away.class);
        assertThat(new DatabaseHealth(lost, () -> 1).health().getStatus().getCode())
                .isEqualTo("DOWN");
        assertThat(new DatabaseHealth(lost, () -> 1).health().getDetails())
                .containsEntry("reason", "PostgreSQL has not answered since " + new FakeClock().instant());
    }

    private static ReplicaRegister register(ReplicaRegister.Times times) {
        return register(times, InstantSource.system());
    }

    @Test
    void endsTheProcessWhenTheDatabaseWasRestoredFromACopy() throws Exception {
        AtomicInteger cuts = new AtomicInteger();
        ReplicaRegister register = register(
                new ReplicaRegister.Times(
                        Duration.ofMillis(20), Duration.ofSeconds(30), Duration.ofSeconds(5), Duration.ofSeconds(30)),
                InstantSource.system(),
                cuts::incrementAndGet);
        register.afterPropertiesSet();
        try {
            int before = count("SELECT beats FROM database_history");
            await().atMost(PATIENCE).until(() -> count("SELECT beats FROM database_history") > before + 3);
            // An outage in which nothing is forgotten is none of its business.
            assertThat(cuts).hasValue(0);

            execute("UPDATE database_history SET beats = " + before);

            await().atMost(PATIENCE).until(() -> cuts.get() > 0);
        } finally {
            register.destroy();
        }
    }

    private static ReplicaRegister register(ReplicaRegister.Times times, InstantSource clock) {
        return register(times, clock, () -> {});
    }

    private static ReplicaRegister register(ReplicaRegister.Times times, InstantSource clock, Runnable onCutHistory) {
        return new ReplicaRegister(
                new PostgresChangeFeed.Database(POSTGRES.database().url(), null, null), clock, times, onCutHistory);
    }

    private static void session(ReplicaId replica) throws SQLException {
        execute("INSERT INTO agent_sessions (node, replica, since) VALUES" + " (decode(repeat('02', 33), 'hex'), '"
                + replica + "', clock_timestamp() - interval '1 hour')");
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(POSTGRES.database().url());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int count(String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(POSTGRES.database().url());
                PreparedStatement statement = connection.prepareStatement(sql);
                var rows = statement.executeQuery()) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
