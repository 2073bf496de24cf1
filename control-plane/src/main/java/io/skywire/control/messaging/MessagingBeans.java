package io.skywire.control.messaging;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.platform.Sweeps;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// Wires the room.
@Configuration(proxyBeanMethods = false)
class MessagingBeans {
    @Bean
    EntryTable messagingEntryTable(JdbcTemplate jdbc) {
        return new EntryTable(jdbc);
    }

    @Bean
    EntryDirectory messagingEntries(
            EntryTable messagingEntryTable,
            PlatformTransactionManager transactions,
            InstantSource clock,
            MessagingSettings settings,
            MeterRegistry meters) {
        return new EntryDirectory(
                messagingEntryTable,
                new EntryDecoder(),
                new TransactionTemplate(transactions),
                clock,
                settings,
                meters);
    }

    @Bean
    EntryCounts messagingEntryCounts(EntryTable messagingEntryTable, MeterRegistry meters) {
        return new EntryCounts(messagingEntryTable, meters);
    }

    @Bean
    EntrySweeper messagingEntrySweeper(
            EntryDirectory messagingEntries,
            EntryTable messagingEntryTable,
            InstantSource clock,
            MessagingSettings settings,
            Sweeps sweeps) {
        return new EntrySweeper(messagingEntries, messagingEntryTable, clock, settings, sweeps);
    }
}
