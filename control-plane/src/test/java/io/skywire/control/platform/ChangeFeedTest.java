package io.skywire.control.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.skywire.control.platform.ChangeFeed.Topic;
import io.skywire.control.testing.PostgresExtension;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Two replicas' feeds over one real PostgreSQL.
class ChangeFeedTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private final PostgresChangeFeed here = feed();
    private final PostgresChangeFeed there = feed();
    private final Heard heardHere = new Heard();
    private final Heard heardThere = new Heard();

    @BeforeEach
    void startBoth() {
        here.listen(Topic.TRANSPORTS, heardHere);
        there.listen(Topic.TRANSPORTS, heardThere);
        here.afterPropertiesSet();
        there.afterPropertiesSet();
        await().atMost(PATIENCE).until(() -> heardHere.gaps.get() == 1 && heardThere.gaps.get() == 1);
    }

    @AfterEach
    void endBoth() throws InterruptedException {
        here.destroy();
        there.destroy();
    }

    @Test
    void oneReplicaHearsWhatTheOtherTells() {
        here.tell(Topic.TRANSPORTS, List.of("a", "b"));
        here.tell(Topic.RULES, List.of("node"));
        there.tell(Topic.TRANSPORTS, List.of("c"));

        await().atMost(PATIENCE).until(() -> heardThere.names.equals(Set.of("a", "b")));
        await().atMost(PATIENCE).until(() -> heardHere.names.equals(Set.of("c")));
    }

    @Test
    void manyNamesArriveInPartsAndTooManyAsOneGap() {
        Set<String> many =
                IntStream.range(0, 5_000).mapToObj(i -> "transport-" + i).collect(Collectors.toSet());
        here.tell(Topic.TRANSPORTS, many);
        await().atMost(PATIENCE).until(() -> heardThere.names.equals(many));

        here.tell(
                Topic.TRANSPORTS,
                IntStream.range(0, 30_000).mapToObj(i -> "t" + i).toList());
        await().atMost(PATIENCE).until(() -> heardThere.gaps.get() == 2);
        assertThat(heardThere.names).isEqualTo(many);
    }

    @Test
    void afterALostConnectionTheListenerComparesAndHearsAgain() throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(POSTGRES.database().url());
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    + " WHERE application_name = 'skywire-changes' AND datname = current_database()");
        }
        await().atMost(PATIENCE).until(() -> heardThere.gaps.get() >= 2);
        int before = heardThere.gaps.get();

        // The one who tells has lost its connection too: what it could not tell arrives as a gap.
        here.tell(Topic.TRANSPORTS, List.of("late"));
        await().atMost(PATIENCE).until(() -> heardThere.names.contains("late") || heardThere.gaps.get() > before);
        await().atMost(PATIENCE).until(() -> {
            here.tell(Topic.TRANSPORTS, List.of("later"));
            return heardThere.names.contains("later");
        });
    }

    @Test
    void aListenerThatThrowsEndsNothing() {
        there.listen(Topic.TRANSPORTS, new Heard() {
            @Override
            public void told(List<String> told) {
                throw new IllegalStateException("on purpose");
            }
        });
        here.tell(Topic.TRANSPORTS, List.of("first"));
        await().atMost(PATIENCE).until(() -> heardThere.names.contains("first"));
        here.tell(Topic.TRANSPORTS, List.of("second"));
        await().atMost(PATIENCE).until(() -> heardThere.names.contains("second"));
    }

    private static PostgresChangeFeed feed() {
        return new PostgresChangeFeed(
                new PostgresChangeFeed.Database(POSTGRES.database().url(), null, null), new SimpleMeterRegistry());
    }

    private static class Heard implements ChangeFeed.Listener {
        private final Set<String> names = ConcurrentHashMap.newKeySet();
        private final AtomicInteger gaps = new AtomicInteger();

        @Override
        public void told(List<String> told) {
            names.addAll(told);
        }

        @Override
        public void missed() {
            gaps.incrementAndGet();
        }
    }
}
