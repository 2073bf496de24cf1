package io.skywire.control.discovery;

import io.skywire.shared.key.PublicKey;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.event.TransactionalEventListener;

/// Keeps the listing true: after each commit by what it tells, and by reading the registry now and then, for what other
/// replicas have committed.
final class ListingUpkeep implements InitializingBean {
    private static final Logger LOG = LoggerFactory.getLogger(ListingUpkeep.class);

    private final TransportListing listing;
    private final TransportTables tables;
    private final Set<PublicKey> withPrivate = ConcurrentHashMap.newKeySet();

    ListingUpkeep(TransportListing listing, TransportTables tables) {
        this.listing = listing;
        this.tables = tables;
    }

    TransportListing listing() {
        return listing;
    }

    /// Before the servers open: a replica never answers from an empty list.
    @Override
    public void afterPropertiesSet() {
        readAll();
    }

    @TransactionalEventListener
    void up(TransportUp event) {
        listing.take(event);
    }

    @TransactionalEventListener
    void down(TransportDown event) {
        listing.take(event);
    }

    @EventListener
    void heard(TransportsHeard event) {
        listing.takeAll(event.transports());
    }

    @Scheduled(
            initialDelayString = "${skywire.topology.reconcile-interval:15s}",
            fixedDelayString = "${skywire.topology.reconcile-interval:15s}")
    void reconcile() {
        try {
            readAll();
        } catch (DataAccessException | TransactionException databaseAway) {
            LOG.debug("the listing stays as it is: {}", databaseAway.toString());
        }
    }

    private void readAll() {
        withPrivate.addAll(tables.edgesOfPrivate());
        listing.takeAll(tables.all());
    }

    /// Whether the key may be an edge of a private transport, which the listing does not hold. Never wrongly false for
    /// what this replica has stored.
    boolean mayHavePrivate(PublicKey key) {
        return withPrivate.contains(key);
    }

    /// Call it before the commit that makes a transport private.
    void hasPrivate(PublicKey key) {
        withPrivate.add(key);
    }
}
