package io.skywire.control.platform;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;

/// The feed over two connections of its own, outside the pool: one listens, one tells.
///
/// Telling happens after the commit and apart from it: a NOTIFY inside a transaction takes a lock that lets only one
/// transaction of the whole server commit at a time. What is told in a few milliseconds leaves in one statement. If
/// this process dies between commit and NOTIFY, the others find the change when they compare, which they do
/// regularly.
final class PostgresChangeFeed implements ChangeFeed, InitializingBean, DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresChangeFeed.class);
    private static final String CHANNEL = "skywire_changes";
    private static final String TELL = "SELECT pg_notify('" + CHANNEL + "', payload) FROM unnest(?) AS payload";
    private static final int MAX_WAITING = 20_000;
    private static final Duration COLLECT = Duration.ofMillis(2);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration END = Duration.ofSeconds(3);

    /// So often the listening connection is asked for a sign of life: a lost TCP connection says nothing by itself.
    private static final Duration QUIET = Duration.ofSeconds(5);

    private static final Duration SILENCE = Duration.ofSeconds(30);
    private static final String APPLICATION = "skywire-changes";

    private final Database database;
    private final String replica = UUID.randomUUID().toString();
    private final PendingWakeups pending = new PendingWakeups(MAX_WAITING);
    private final Map<Topic, List<Listener>> listeners = new ConcurrentHashMap<>();
    private final Counter sent;
    private final Counter heard;
    private final Counter gaps;
    private final Thread teller = thread("changes-tell", this::tellOn);
    private final Thread hearer = thread("changes-hear", this::hearOn);
    private volatile boolean ended;
    private volatile @Nullable Connection listening;

    /// Where the database is and who we are there.
    record Database(
            String url, @Nullable String user, @Nullable String password) {
        /// @param application what PostgreSQL shows of the connection
        /// @param silence after so long without an answer the connection is given up
        Connection connect(String application, Duration silence) throws SQLException {
            Properties properties = new Properties();
            if (user != null) {
                properties.setProperty("user", user);
            }
            if (password != null) {
                properties.setProperty("password", password);
            }
            properties.setProperty("connectTimeout", "2");
            properties.setProperty("socketTimeout", String.valueOf(silence.toSeconds()));
            properties.setProperty("tcpKeepAlive", "true");
            properties.setProperty("ApplicationName", application);
            return DriverManager.getConnection(url, properties);
        }

        /// The password stays out of every text.
        @Override
        public String toString() {
            return url;
        }
    }

    PostgresChangeFeed(Database database, MeterRegistry meters) {
        this.database = database;
        sent = Counter.builder("skywire.changes.told")
                .description("Wake-ups that were sent to other replicas")
                .register(meters);
        heard = Counter.builder("skywire.changes.heard")
                .description("Wake-ups of other replicas that were heard")
                .register(meters);
        gaps = Counter.builder("skywire.changes.gaps")
                .description("Times that wake-ups of other replicas may have been lost")
                .register(meters);
    }

    @Override
    public void afterPropertiesSet() {
        teller.start();
        hearer.start();
    }

    @Override
    public void destroy() throws InterruptedException {
        ended = true;
        teller.interrupt();
        hearer.interrupt();
        Connection open = listening;
        if (open != null) {
            closeQuietly(open);
        }
        teller.join(END);
        hearer.join(END);
    }

    @Override
    public void tell(Topic topic, Collection<String> names) {
        if (!names.isEmpty()) {
            pending.add(topic, names);
        }
    }

    @Override
    public void listen(Topic topic, Listener listener) {
        listeners.computeIfAbsent(topic, key -> new CopyOnWriteArrayList<>()).add(listener);
    }

    private void tellOn() {
        while (!ended) {
            try (Connection connection = database.connect(APPLICATION, SILENCE);
                    PreparedStatement notify = connection.prepareStatement(TELL)) {
                while (!ended) {
                    pending.await();
                    TimeUnit.MILLISECONDS.sleep(COLLECT.toMillis());
                    tell(notify);
                }
            } catch (SQLException away) {
                LOG.debug("other replicas cannot be told now: {}", away.getMessage());
                pauseUnlessEnded();
            } catch (InterruptedException ending) {
                return;
            }
        }
    }

    private void tell(PreparedStatement notify) throws SQLException {
        List<String> payloads = pending.take(replica);
        try {
            notify.setArray(1, notify.getConnection().createArrayOf("text", payloads.toArray()));
            notify.execute();
            sent.increment(payloads.size());
        } catch (SQLException lost) {
            for (Topic topic : Topic.values()) {
                if (payloads.stream().anyMatch(payload -> payload.startsWith(replica + "|" + topic + "|"))) {
                    pending.addEverything(topic);
                }
            }
            throw lost;
        }
    }

    private void hearOn() {
        while (!ended) {
            try (Connection connection = database.connect(APPLICATION, SILENCE);
                    Statement statement = connection.createStatement()) {
                listening = connection;
                statement.execute("LISTEN " + CHANNEL);
                gaps.increment();
                listeners.forEach((topic, all) -> each(all, Listener::missed));
                PGConnection postgres = connection.unwrap(PGConnection.class);
                while (!ended) {
                    PGNotification[] arrived = postgres.getNotifications((int) QUIET.toMillis());
                    if (arrived == null || arrived.length == 0) {
                        statement.execute("SELECT 1");
                    } else {
                        Arrays.stream(arrived).map(PGNotification::getParameter).forEach(this::hear);
                    }
                }
            } catch (SQLException away) {
                LOG.debug("other replicas cannot be heard now: {}", away.getMessage());
            }
            pauseUnlessEnded();
        }
    }

    private void hear(String payload) {
        String[] parts = payload.split("\\|", 3);
        if (parts.length != 3 || parts[0].equals(replica)) {
            return;
        }
        Topic topic;
        try {
            topic = Topic.valueOf(parts[1]);
        } catch (IllegalArgumentException newerReplica) {
            return;
        }
        heard.increment();
        List<Listener> all = listeners.getOrDefault(topic, List.of());
        if (PendingWakeups.isEverything(parts[2])) {
            gaps.increment();
            each(all, Listener::missed);
        } else {
            List<String> names = Arrays.stream(parts[2].split(",")).distinct().toList();
            each(all, listener -> listener.told(names));
        }
    }

    private static void each(List<Listener> all, Consumer<Listener> call) {
        for (Listener listener : all) {
            try {
                call.accept(listener);
            } catch (RuntimeException theirs) {
                LOG.warn("a wake-up was not understood", theirs);
            }
        }
    }

    private void pauseUnlessEnded() {
        try {
            if (!ended) {
                TimeUnit.MILLISECONDS.sleep(RETRY.toMillis());
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException alreadyGone) {
            LOG.debug("closing: {}", alreadyGone.getMessage());
        }
    }

    private static Thread thread(String name, Runnable work) {
        return Thread.ofPlatform().name(name).daemon().unstarted(work);
    }
}
