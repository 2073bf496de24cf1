package io.skywire.control.discovery;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.identity.SignedPaths;
import java.time.InstantSource;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// Wires the room.
@Configuration(proxyBeanMethods = false)
class DiscoveryBeans {
    @Bean
    StoredTransports transportRegistry(
            JdbcTemplate jdbc,
            PlatformTransactionManager transactions,
            MeterRegistry meters,
            ApplicationEventPublisher events,
            InstantSource clock,
            DiscoverySettings settings) {
        return new StoredTransports(
                new TransportTables(jdbc),
                new ClaimCheck(meters),
                new TransactionTemplate(transactions),
                events,
                clock,
                settings);
    }

    @Bean
    StockTransports stockTransports(
            StoredTransports registry,
            JdbcTemplate jdbc,
            PlatformTransactionManager transactions,
            InstantSource clock,
            StockSettings settings) {
        return new StockTransports(
                registry,
                new TransportTables(jdbc),
                new StockTables(jdbc),
                new TransactionTemplate(transactions),
                clock,
                settings);
    }

    @Bean
    SignedPaths transportPaths() {
        return SignedPaths.of(
                "/transports/", "/transports/id:{id}", "/transports/edge:{key}", "/statuses", "/statuses/id:{id}");
    }

    @Bean
    TransportDeregistrations transportDeregistrations(
            StoredTransports registry,
            JdbcTemplate jdbc,
            PlatformTransactionManager transactions,
            InstantSource clock) {
        return new TransportDeregistrations(registry, jdbc, new TransactionTemplate(transactions), clock);
    }

    @Bean
    DeadTransportPurge deadTransportPurge(
            JdbcTemplate jdbc, InstantSource clock, PurgeSettings settings, MeterRegistry meters) {
        return new DeadTransportPurge(jdbc, clock, settings, meters);
    }

    @Bean
    LeaseSweeper leaseSweeper(
            StoredTransports transports, JdbcTemplate jdbc, InstantSource clock, DiscoverySettings settings) {
        return new LeaseSweeper(transports, jdbc, clock, settings);
    }
}
