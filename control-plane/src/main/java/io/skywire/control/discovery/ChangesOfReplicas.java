package io.skywire.control.discovery;

import io.skywire.control.platform.ChangeFeed;
import io.skywire.control.platform.ChangeFeed.Topic;
import io.skywire.shared.transport.TransportId;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.event.TransactionalEventListener;

/// Tells the other replicas after each commit which transports have changed, and reads what they tell.
final class ChangesOfReplicas implements ChangeFeed.Listener, InitializingBean {
    private static final Logger LOG = LoggerFactory.getLogger(ChangesOfReplicas.class);

    private final ChangeFeed feed;
    private final TransportTables tables;
    private final ApplicationEventPublisher events;

    ChangesOfReplicas(ChangeFeed feed, TransportTables tables, ApplicationEventPublisher events) {
        this.feed = feed;
        this.tables = tables;
        this.events = events;
    }

    @Override
    public void afterPropertiesSet() {
        feed.listen(Topic.TRANSPORTS, this);
    }

    @TransactionalEventListener
    void up(TransportUp event) {
        tell(event.id());
    }

    @TransactionalEventListener
    void down(TransportDown event) {
        tell(event.id());
    }

    private void tell(TransportId id) {
        feed.tell(Topic.TRANSPORTS, List.of(id.toString()));
    }

    @Override
    public void told(List<String> names) {
        List<TransportId> ids = new ArrayList<>(names.size());
        for (String name : names) {
            ids.add(new TransportId(UUID.fromString(name)));
        }
        try {
            events.publishEvent(new TransportsHeard(tables.some(ids)));
        } catch (DataAccessException | TransactionException away) {
            LOG.debug("{} changes of other replicas wait for the next comparison: {}", ids.size(), away.getMessage());
        }
    }

    @Override
    public void missed() {
        try {
            events.publishEvent(new TransportsHeard(tables.all()));
        } catch (DataAccessException | TransactionException away) {
            LOG.debug("a comparison waits for the database: {}", away.getMessage());
        }
    }
}
