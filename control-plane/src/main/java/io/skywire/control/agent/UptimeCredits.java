package io.skywire.control.agent;

import io.skywire.control.directory.NodeBook;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// Tells the node directory, once a minute, which nodes have a session with this replica: that is their uptime.
@Component
final class UptimeCredits {
    private static final Logger LOG = LoggerFactory.getLogger(UptimeCredits.class);

    private final AgentSessions sessions;
    private final NodeBook book;

    UptimeCredits(AgentSessions sessions, NodeBook book) {
        this.sessions = sessions;
        this.book = book;
    }

    @Scheduled(fixedDelayString = "${skywire.agent.attendance-interval:1m}")
    void take() {
        try {
            book.present(sessions.connected());
        } catch (DataAccessException | TransactionException databaseAway) {
            LOG.debug("no uptime is credited: {}", databaseAway.getClass().getSimpleName());
        }
    }
}
