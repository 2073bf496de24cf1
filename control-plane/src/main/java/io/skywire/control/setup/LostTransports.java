package io.skywire.control.setup;

import io.skywire.control.discovery.TransportDown;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.transport.TransportId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.event.TransactionalEventListener;

/// Closes the routes over transports that an edge says are down.
///
/// A lease that ran out is no such statement: the node may only have lost the control plane, and its routes work on.
/// One thread at a time looks routes up, for all the transports that went down since it last looked.
@Component
final class LostTransports {
    private static final Logger LOG = LoggerFactory.getLogger(LostTransports.class);

    private final RunningSetups running;
    private final RouteClosings closings;
    private final Set<TransportId> lost = ConcurrentHashMap.newKeySet();
    private final ReentrantLock looking = new ReentrantLock();

    LostTransports(RunningSetups running, RouteClosings closings) {
        this.running = running;
        this.closings = closings;
    }

    @TransactionalEventListener
    public void on(TransportDown down) {
        switch (down.reason()) {
            case REPORTED_DOWN, NOT_IN_VIEW -> {
                running.tellAll(List.of(new SetupEvent.TransportLost(down.id())));
                if (lost.add(down.id())) {
                    Thread.ofVirtual().name("lost-transports").start(this::closeRoutes);
                }
            }
            case LEASE_EXPIRED -> {}
        }
    }

    private void closeRoutes() {
        looking.lock();
        try {
            List<TransportId> batch = new ArrayList<>(lost);
            lost.removeAll(new HashSet<>(batch));
            if (batch.isEmpty()) {
                return;
            }
            for (RouteUid route : closings.activeOver(batch)) {
                for (TransportId transport : batch) {
                    closings.close(route, new SetupEvent.TransportLost(transport));
                }
            }
        } catch (DataAccessException | TransactionException away) {
            LOG.atWarn().log("routes over lost transports stay until they idle: {}", away.getMessage());
        } finally {
            looking.unlock();
        }
    }
}
