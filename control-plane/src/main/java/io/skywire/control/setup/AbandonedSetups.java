package io.skywire.control.setup;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// Looks for setups that a replica began and did not end, at start and then regularly, and takes them back.
@Component
final class AbandonedSetups {
    private static final Logger LOG = LoggerFactory.getLogger(AbandonedSetups.class);

    private final RouteClosings closings;

    AbandonedSetups(RouteClosings closings) {
        this.closings = closings;
    }

    @Scheduled(fixedDelayString = "${skywire.setup.sweep-interval:1s}")
    void sweep() {
        try {
            closings.takeBackAbandoned();
        } catch (DataAccessException | TransactionException away) {
            LOG.atDebug().log("abandoned setups cannot be looked for now: {}", away.getMessage());
        }
    }
}
