package io.skywire.control.discovery;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.identity.SignedPaths;
import io.skywire.control.platform.ChangeFeed;
import io.skywire.control.platform.Sweeps;
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
    SignatureChecks signatureChecks(MeterRegistry meters) {
        return new SignatureChecks(meters);
    }

    @Bean
    StoredTransports transportRegistry(
            JdbcTemplate jdbc,
            PlatformTransactionManager transactions,
            SignatureChecks signatures,
            MeterRegistry meters,
            ApplicationEventPublisher events,
            InstantSource clock,
            DiscoverySettings settings) {
        return new StoredTransports(
                new TransportTables(jdbc),
                new ClaimCheck(meters, signatures),
                new TransactionTemplate(transactions),
                events,
                clock,
                settings,
                meters);
    }

    @Bean
    TransportListing transportListing() {
        return new TransportListing();
    }

    @Bean
    ListingUpkeep listingUpkeep(TransportListing listing, JdbcTemplate jdbc) {
        return new ListingUpkeep(listing, new TransportTables(jdbc));
    }

    @Bean
    ChangesOfReplicas changesOfReplicas(ChangeFeed feed, JdbcTemplate jdbc, ApplicationEventPublisher events) {
        return new ChangesOfReplicas(feed, new TransportTables(jdbc), events);
    }

    @Bean
    Registrations registrations(
            StoredTransports registry,
            JdbcTemplate jdbc,
            PlatformTransactionManager transactions,
            ApplicationEventPublisher events,
            ListingUpkeep upkeep,
            InstantSource clock,
            StockSettings settings,
            MeterRegistry meters) {
        return new Registrations(
                registry,
                new TransportTables(jdbc),
                new StockTables(jdbc),
                new TransactionTemplate(transactions),
                events,
                upkeep,
                clock,
                settings,
                meters);
    }

    @Bean
    StockTransports stockTransports(
            StoredTransports registry,
            JdbcTemplate jdbc,
            SignatureChecks signatures,
            Registrations registrations,
            ListingUpkeep upkeep,
            PlatformTransactionManager transactions,
            InstantSource clock,
            StockSettings settings,
            MeterRegistry meters) {
        return new StockTransports(
                registry,
                new TransportTables(jdbc),
                new StockTables(jdbc),
                signatures,
                registrations,
                upkeep,
                new TransactionTemplate(transactions),
                clock,
                settings,
                meters);
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
            StoredTransports transports,
            JdbcTemplate jdbc,
            InstantSource clock,
            DiscoverySettings settings,
            Sweeps sweeps) {
        return new LeaseSweeper(transports, jdbc, clock, settings, sweeps);
    }

    @Bean
    LeaseCounts leaseCounts(JdbcTemplate jdbc, InstantSource clock, MeterRegistry meters) {
        return new LeaseCounts(jdbc, clock, meters);
    }
}
