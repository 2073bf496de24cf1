package io.skywire.control.messaging;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.messaging.EntryTable.Kind;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;

/// How many live entries there are, as gauges; NaN while that is not known. Counts what is stored, so every replica
/// says the same.
final class EntryCounts {
    private final EntryTable table;
    private volatile double clients = Double.NaN;
    private volatile double servers = Double.NaN;
    private volatile double available = Double.NaN;

    EntryCounts(EntryTable table, MeterRegistry meters) {
        this.table = table;
        Gauge.builder("skywire.messaging.clients", this, counts -> counts.clients)
                .description("Keys that wait at messaging servers")
                .register(meters);
        Gauge.builder("skywire.messaging.servers", this, counts -> counts.servers)
                .description("Messaging servers")
                .register(meters);
        Gauge.builder("skywire.messaging.sessions.available", this, counts -> counts.available)
                .description("Sessions that all messaging servers together still offer, as they said last")
                .register(meters);
    }

    @Scheduled(fixedDelayString = "${skywire.messaging.count-interval:15s}")
    void count() {
        try {
            clients = table.count(Kind.OTHERS);
            servers = table.count(Kind.SERVERS);
            available = table.availableSessions();
        } catch (DataAccessException databaseAway) {
            clients = Double.NaN;
            servers = Double.NaN;
            available = Double.NaN;
        }
    }
}
