package io.skywire.control.discovery;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Timestamp;
import java.time.InstantSource;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.TransactionException;

/// How many leases and transports there are, and how many transports are listed as up although the lease of an edge
/// has run out: as gauges, NaN while that is not known. Counts what is stored, so every replica says the same.
final class LeaseCounts {
    private final JdbcTemplate jdbc;
    private final InstantSource clock;
    private volatile Counts last = Counts.UNKNOWN;

    private record Counts(double leases, double up, double down, double stale) {
        static final Counts UNKNOWN = new Counts(Double.NaN, Double.NaN, Double.NaN, Double.NaN);
    }

    LeaseCounts(JdbcTemplate jdbc, InstantSource clock, MeterRegistry meters) {
        this.jdbc = jdbc;
        this.clock = clock;
        gauge("skywire.discovery.leases", "Leases of edges on transports that have not run out", Counts::leases)
                .register(meters);
        String transports = "Transports in the database, by whether both edges hold them up";
        gauge("skywire.discovery.transports", transports, Counts::up)
                .tag("state", "up")
                .register(meters);
        gauge("skywire.discovery.transports", transports, Counts::down)
                .tag("state", "down")
                .register(meters);
        gauge(
                        "skywire.discovery.transports.stale",
                        "Transports that are listed as up although the lease of an edge has run out",
                        Counts::stale)
                .register(meters);
    }

    private Gauge.Builder<LeaseCounts> gauge(String name, String help, ToDoubleFunction<Counts> of) {
        return Gauge.builder(name, this, counts -> of.applyAsDouble(counts.last))
                .description(help)
                .strongReference(true);
    }

    @Scheduled(fixedDelayString = "${skywire.discovery.count-interval:15s}")
    void count() {
        Timestamp now = Timestamp.from(clock.instant());
        try {
            last = new Counts(
                    ask("SELECT count(*) FROM transport_views WHERE state = 'UP' AND lease_until > ?", now),
                    ask("SELECT count(*) FROM transports WHERE up"),
                    ask("SELECT count(*) FROM transports WHERE NOT up"),
                    ask("""
                            SELECT count(DISTINCT t.id) FROM transport_views v JOIN transports t ON t.id = v.transport_id
                            WHERE v.state = 'UP' AND v.lease_until <= ? AND t.up
                            """, now));
        } catch (DataAccessException | TransactionException databaseAway) {
            last = Counts.UNKNOWN;
        }
    }

    private double ask(String count, Object... values) {
        @Nullable Long answer = jdbc.queryForObject(count, Long.class, values);
        return answer == null ? Double.NaN : answer;
    }
}
