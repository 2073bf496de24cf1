package io.skywire.control.topology;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.discovery.RegisteredTransport;
import io.skywire.control.discovery.TransportDown;
import io.skywire.control.discovery.TransportRegistry;
import io.skywire.control.discovery.TransportUp;
import io.skywire.control.identity.NodeDirectory;
import io.skywire.control.identity.NodeJoined;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.event.TransactionalEventListener;

/// The only writer of the topology: collects what discovery tells and turns it into snapshots.
///
/// Events note their change under a lock and return; one thread builds the next snapshot a few milliseconds later, so
/// that a burst of changes costs one building. Readers take the newest snapshot from a volatile field. Events may come
/// late or not at all (another replica's): a change counts only if its revision is newer than what is held, and every
/// [#reconcile] reads the whole registry again.
@Component
final class TopologyHolder implements TopologySource, InitializingBean, DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(TopologyHolder.class);
    private static final Duration COLLECT = Duration.ofMillis(5);
    private static final Duration SETTLE = Duration.ofMillis(250);
    private static final Duration TRUTH = Duration.ofSeconds(1);
    private static final Duration SHUTDOWN = Duration.ofSeconds(2);

    private final TransportRegistry registry;
    private final NodeDirectory directory;
    private final InstantSource clock;
    private final ScheduledExecutorService builder = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("topology").daemon().factory());
    private final AtomicBoolean isDue = new AtomicBoolean();

    private final Object lock = new Object();
    private final Set<PublicKey> nodes = new LinkedHashSet<>(); // guarded by lock; only grows, so numbers stay
    private final Map<TransportId, Held> held = new HashMap<>(); // guarded by lock

    private final Object building = new Object();
    private long wanted; // guarded by building; counts the changes
    private long built; // guarded by building; the changes that are in `current`

    private volatile Topology current;
    private volatile Instant lastTruth = Instant.MIN;

    TopologyHolder(TransportRegistry registry, NodeDirectory directory, InstantSource clock, MeterRegistry meters) {
        this.registry = registry;
        this.directory = directory;
        this.clock = clock;
        current = Topology.of(0, clock.instant(), List.of(), List.of());
        Gauge.builder("skywire.topology.nodes", () -> current.nodeCount()).register(meters);
        Gauge.builder("skywire.topology.transports", () -> current.transportCount())
                .description("Transports that are up")
                .register(meters);
        Gauge.builder("skywire.topology.version", () -> current.version()).register(meters);
    }

    private record Held(long revision, Optional<TransportUp> up) {}

    @Override
    public Topology current() {
        return current;
    }

    @Override
    public Topology settled() {
        synchronized (building) {
            long target = wanted;
            Instant deadline = clock.instant().plus(SETTLE);
            try {
                while (built < target && clock.instant().isBefore(deadline)) {
                    building.wait(COLLECT.toMillis());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return current;
    }

    @Override
    public void requireTruth() {
        Instant now = clock.instant();
        if (lastTruth.isBefore(now.minus(TRUTH))) {
            directory.count();
            lastTruth = now;
        }
    }

    /// Before the servers open: a replica never answers from an empty picture.
    @Override
    public void afterPropertiesSet() {
        readAll();
        isDue.set(true);
        build();
    }

    @Override
    public void destroy() throws InterruptedException {
        builder.shutdownNow();
        if (!builder.awaitTermination(SHUTDOWN.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("the topology's thread has not ended within {}", SHUTDOWN);
        }
    }

    @TransactionalEventListener
    void up(TransportUp event) {
        boolean isNew;
        synchronized (lock) {
            isNew = hold(event.id(), new Held(event.revision(), Optional.of(event)));
            nodes.add(event.lower());
            nodes.add(event.higher());
        }
        if (isNew) {
            buildSoon();
        }
    }

    @TransactionalEventListener
    void down(TransportDown event) {
        boolean isNew;
        synchronized (lock) {
            isNew = hold(event.id(), new Held(event.revision(), Optional.empty()));
        }
        if (isNew) {
            buildSoon();
        }
    }

    @TransactionalEventListener
    void joined(NodeJoined event) {
        boolean isNew;
        synchronized (lock) {
            isNew = nodes.add(event.node());
        }
        if (isNew) {
            buildSoon();
        }
    }

    /// Catches up with what no event has told.
    @Scheduled(
            initialDelayString = "${skywire.topology.reconcile-interval:15s}",
            fixedDelayString = "${skywire.topology.reconcile-interval:15s}")
    void reconcile() {
        try {
            if (readAll()) {
                buildSoon();
            }
        } catch (DataAccessException | TransactionException databaseAway) {
            LOG.debug("the topology stays at version {}: {}", current.version(), databaseAway.toString());
        }
    }

    /// Gives whether anything was new.
    private boolean readAll() {
        List<RegisteredTransport> transports = registry.all();
        List<PublicKey> known = directory.all();
        boolean isNew = false;
        synchronized (lock) {
            for (PublicKey node : known) {
                isNew |= nodes.add(node);
            }
            for (RegisteredTransport transport : transports) {
                isNew |= hold(transport.id(), new Held(transport.revision(), transport.up()));
                isNew |= nodes.add(transport.lower());
                isNew |= nodes.add(transport.higher());
            }
        }
        return isNew;
    }

    private boolean hold(TransportId id, Held candidate) {
        Held before = held.get(id);
        if (before != null && before.revision() >= candidate.revision()) {
            return false;
        }
        held.put(id, candidate);
        return true;
    }

    private void buildSoon() {
        synchronized (building) {
            wanted++;
        }
        if (isDue.compareAndSet(false, true) && !builder.isShutdown()) {
            builder.schedule(this::build, COLLECT.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void build() {
        isDue.set(false); // first, so that a change from now on asks for another building
        long included;
        synchronized (building) {
            included = wanted;
        }
        try {
            List<PublicKey> known;
            List<TransportUp> live;
            synchronized (lock) {
                known = List.copyOf(nodes);
                live = held.values().stream().flatMap(one -> one.up().stream()).toList();
            }
            Topology next = Topology.of(current.version() + 1, clock.instant(), known, live);
            current = next;
            synchronized (building) {
                built = included;
                building.notifyAll();
            }
            LOG.debug("{}", next);
        } catch (RuntimeException bug) {
            LOG.error("the topology stays at version {}", current.version(), bug);
        }
    }
}
