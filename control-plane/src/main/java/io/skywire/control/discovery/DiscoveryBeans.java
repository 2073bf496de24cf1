package io.skywire.control.discovery;

import io.micrometer.core.instrument.MeterRegistry;
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
    LeaseSweeper leaseSweeper(
            StoredTransports transports, JdbcTemplate jdbc, InstantSource clock, DiscoverySettings settings) {
        return new LeaseSweeper(transports, jdbc, clock, settings);
    }
}
