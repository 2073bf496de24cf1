package io.skywire.control.blame;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.skywire.control.platform.ChangeFeed;
import io.skywire.control.testing.FakeClock;
import io.skywire.control.testing.TestDatabase;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;

/// The room of one replica as the application wires it, with a clock that stands still.
final class BlameRoom implements AutoCloseable {
    final StoredBlame book;
    final EvidenceTable table;
    final JdbcTemplate jdbc;
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final BlameController controller;
    private final HikariDataSource pool;

    BlameRoom(TestDatabase database, FakeClock clock, Wire wire, int maxEvidence) {
        BlameSettings settings = new BlameSettings(Duration.ofMinutes(5), 0.5, 2, 4, maxEvidence, 1000);
        pool = database.pool(4);
        jdbc = new JdbcTemplate(pool);
        table = new EvidenceTable(jdbc, settings);
        book = new StoredBlame(table, new JdbcTransactionManager(pool), wire.end(), clock, settings, meters);
        controller = new BlameController(book, settings, clock);
        book.refresh();
    }

    double counter(FaultKind kind) {
        return meters.counter("skywire.blame.evidence", "reason", kind.name().toLowerCase(java.util.Locale.ROOT))
                .count();
    }

    @Override
    public void close() {
        pool.close();
    }

    /// What joins replicas: each end hears what the others tell, unless it is cut.
    static final class Wire {
        private final List<End> ends = new CopyOnWriteArrayList<>();
        private volatile boolean cut;

        ChangeFeed end() {
            End end = new End();
            ends.add(end);
            return end;
        }

        void cut() {
            cut = true;
        }

        private final class End implements ChangeFeed {
            private final List<Listener> listeners = new CopyOnWriteArrayList<>();

            @Override
            public void tell(Topic topic, Collection<String> names) {
                if (!cut && topic == Topic.BLAME) {
                    ends.stream()
                            .filter(other -> other != this)
                            .flatMap(other -> other.listeners.stream())
                            .forEach(listener -> listener.told(List.copyOf(names)));
                }
            }

            @Override
            public void listen(Topic topic, Listener listener) {
                listeners.add(listener);
            }
        }
    }
}
