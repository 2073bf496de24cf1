package io.skywire.control.discovery;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.skywire.control.testing.FakeClock;
import io.skywire.control.testing.TestDatabase;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// The room as the application wires it, with a clock that stands still and events that are written down.
final class DiscoveryRoom implements AutoCloseable {
    final FakeClock clock = new FakeClock();
    final DiscoverySettings settings;
    final List<Object> events = new CopyOnWriteArrayList<>();
    final StoredTransports registry;
    final LeaseSweeper sweeper;
    final JdbcTemplate jdbc;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final HikariDataSource pool;

    DiscoveryRoom(TestDatabase database, int sweepBatch) {
        settings = new DiscoverySettings(
                Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofSeconds(1), sweepBatch);
        pool = database.pool(8);
        jdbc = new JdbcTemplate(pool);
        jdbc.update("TRUNCATE transports, transport_views");
        registry = new StoredTransports(
                new TransportTables(jdbc),
                new ClaimCheck(meters),
                new TransactionTemplate(new JdbcTransactionManager(pool)),
                events::add,
                clock,
                settings);
        sweeper = new LeaseSweeper(registry, jdbc, clock, settings);
    }

    static SignedTransport transport(KeyPair one, KeyPair other) {
        return SignedTransport.signedByBoth(
                TransportEntry.between(one.publicKey(), other.publicKey(), TransportType.TCP), one, other);
    }

    static TransportClaim up(SignedTransport transport) {
        return new TransportClaim(transport, LinkState.UP, Optional.of(Duration.ofMillis(20)), 16_384);
    }

    static TransportClaim down(SignedTransport transport) {
        return new TransportClaim(transport, LinkState.DOWN, Optional.empty(), 16_384);
    }

    ReportOutcome report(KeyPair edge, TransportClaim... claims) {
        return registry.report(edge.publicKey(), ReportKind.CHANGES, List.of(claims));
    }

    ReportOutcome reportWhole(KeyPair edge, TransportClaim... claims) {
        return registry.report(edge.publicKey(), ReportKind.WHOLE_VIEW, List.of(claims));
    }

    TransportDeregistrations deregistrations() {
        return new TransportDeregistrations(
                registry, jdbc, new TransactionTemplate(new JdbcTransactionManager(pool)), clock);
    }

    void inTransaction(Runnable work) {
        new TransactionTemplate(new JdbcTransactionManager(pool)).executeWithoutResult(status -> work.run());
    }

    boolean isUp(TransportId id) {
        return registry.all().stream()
                .anyMatch(
                        transport -> transport.id().equals(id) && transport.up().isPresent());
    }

    double signatureChecks() {
        return meters.counter("skywire.discovery.signature.checks").count();
    }

    /// Lets time pass while the sweeper looks on, as it does in life.
    void pass(Duration duration) {
        Duration step = Duration.ofSeconds(1);
        for (Duration passed = Duration.ZERO; passed.compareTo(duration) < 0; passed = passed.plus(step)) {
            clock.advance(step);
            sweeper.sweep();
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
