package io.skywire.control.discovery;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.skywire.control.platform.Sweeps;
import io.skywire.control.testing.FakeClock;
import io.skywire.control.testing.TestDatabase;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/// The room as the application wires it, with a clock that stands still and events that are written down.
final class DiscoveryRoom implements AutoCloseable {
    static final Duration STOCK_LEASE = Duration.ofMinutes(10);

    final FakeClock clock = new FakeClock();
    final DiscoverySettings settings;
    final List<Object> events = new CopyOnWriteArrayList<>();
    final StoredTransports registry;
    final LeaseSweeper sweeper;
    final JdbcTemplate jdbc;
    final TransportListing listing = new TransportListing();
    final StockTransports stock;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final SignatureChecks signatures = new SignatureChecks(meters);
    private final Registrations registrations;
    private final HikariDataSource pool;

    private final TestDatabase database;
    private final AtomicInteger statements = new AtomicInteger();

    DiscoveryRoom(TestDatabase database, int sweepBatch) {
        this(database, sweepBatch, jdbc -> jdbc.update("TRUNCATE transports, transport_views"));
    }

    private DiscoveryRoom(TestDatabase database, int sweepBatch, Consumer<JdbcTemplate> first) {
        this.database = database;
        settings = new DiscoverySettings(
                Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofSeconds(1), sweepBatch);
        pool = database.pool(8);
        jdbc = new JdbcTemplate(counting(pool));
        first.accept(jdbc);
        TransportTables tables = new TransportTables(jdbc);
        StockTables stockTables = new StockTables(jdbc);
        TransactionTemplate transactions =
                new TransactionTemplate(new JdbcTransactionManager(Objects.requireNonNull(jdbc.getDataSource())));
        registry = new StoredTransports(
                tables, new ClaimCheck(meters, signatures), transactions, this::publish, clock, settings, meters);
        ListingUpkeep upkeep = new ListingUpkeep(listing, tables);
        StockSettings stockSettings = new StockSettings(STOCK_LEASE);
        registrations = new Registrations(
                registry, tables, stockTables, transactions, this::publish, upkeep, clock, stockSettings, meters);
        stock = new StockTransports(
                registry,
                tables,
                stockTables,
                signatures,
                registrations,
                upkeep,
                transactions,
                clock,
                stockSettings,
                meters);
        sweeper = new LeaseSweeper(registry, jdbc, clock, settings, new Sweeps(new SimpleMeterRegistry()));
    }

    /// Another replica over the same tables, with a memory of its own.
    DiscoveryRoom replica() {
        return new DiscoveryRoom(database, 100, jdbc -> {});
    }

    /// How many statements were prepared until now.
    int statements() {
        return statements.get();
    }

    private DataSource counting(DataSource source) {
        return new DelegatingDataSource(source) {
            @Override
            public Connection getConnection() throws SQLException {
                Connection connection = super.getConnection();
                return (Connection) Proxy.newProxyInstance(
                        Connection.class.getClassLoader(),
                        new Class<?>[] {Connection.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().startsWith("prepare")
                                    || method.getName().equals("createStatement")) {
                                statements.incrementAndGet();
                            }
                            try {
                                return method.invoke(connection, arguments);
                            } catch (InvocationTargetException failed) {
                                throw failed.getCause();
                            }
                        });
            }
        };
    }

    /// Heard after the commit, as with `@TransactionalEventListener`.
    private void publish(Object event) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                events.add(event);
                if (event instanceof TransportUp up) {
                    listing.take(up);
                } else if (event instanceof TransportDown down) {
                    listing.take(down);
                }
            }
        });
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
                registry,
                jdbc,
                new TransactionTemplate(new JdbcTransactionManager(Objects.requireNonNull(jdbc.getDataSource()))),
                clock);
    }

    void inTransaction(Runnable work) {
        new TransactionTemplate(new JdbcTransactionManager(Objects.requireNonNull(jdbc.getDataSource())))
                .executeWithoutResult(status -> work.run());
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
        stock.close();
        registrations.close();
        registry.close();
        signatures.close();
        pool.close();
    }
}
