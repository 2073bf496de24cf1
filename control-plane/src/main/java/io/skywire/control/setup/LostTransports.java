package io.skywire.control.setup;

import io.skywire.control.discovery.TransportDown;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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

    private static final Duration RETRY = Duration.ofSeconds(1);

    private final RunningSetups running;
    private final RouteClosings closings;
    private final Set<TransportId> lost = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean retrying = new AtomicBoolean();
    private final Executor threads =
            task -> Thread.ofVirtual().name("lost-transports").start(task);
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
                    threads.execute(this::closeRoutes);
                }
            }
            case LEASE_EXPIRED -> {}
        }
    }

    /// One retry at a time; whatever is lost in the meantime goes with it.
    private void again() {
        if (retrying.compareAndSet(false, true)) {
            CompletableFuture.delayedExecutor(RETRY.toMillis(), TimeUnit.MILLISECONDS, threads)
                    .execute(() -> {
                        retrying.set(false);
                        closeRoutes();
                    });
        }
    }

    private void closeRoutes() {
        looking.lock();
        List<TransportId> batch = new ArrayList<>(lost);
        try {
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
            LOG.atDebug().log("routes over lost transports are closed later: {}", away.getMessage());
            lost.addAll(batch);
            again();
        } finally {
            looking.unlock();
        }
    }
}
