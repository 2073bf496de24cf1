package io.skywire.control.topology;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.discovery.RegisteredTransport;
import io.skywire.control.discovery.TransportDown;
import io.skywire.control.discovery.TransportRegistry;
import io.skywire.control.discovery.TransportUp;
import io.skywire.control.discovery.TransportsHeard;
import io.skywire.control.identity.NodeDirectory;
import io.skywire.control.identity.NodeJoined;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.event.TransactionalEventListener;

/// The only writer of the topology: collects what discovery tells and turns it into snapshots.
///
/// Events note their change under a lock and return; one thread makes the next snapshot a few milliseconds later, so
/// that a burst of changes costs one publication. Readers take the newest snapshot from a volatile field. Events may
/// come late or not at all (another replica's): a change counts only if its revision is newer than what is held, and
/// every [#reconcile] reads the whole registry again and prices what has aged.
///
/// The snapshot itself is what is held; beside it stand only the changes that wait for the next one, and the revisions
/// of transports that are down.
@Component
final class TopologyHolder implements TopologySource, InitializingBean, DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(TopologyHolder.class);
    private static final int MANY = 10_000;
    /// Relays that nothing else is known of.
    static final int MOST_RELAYS = 10_000;

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
    private final AtomicBoolean isRepricingDue = new AtomicBoolean();

    private final Object lock = new Object(); // readers of snapshots never take it
    private final Set<PublicKey> newNodes = new LinkedHashSet<>(); // guarded by lock
    private final Map<TransportId, Change> changes = new LinkedHashMap<>(); // guarded by lock; the newest of each
    private final Map<TransportId, Long> downs = new HashMap<>(); // guarded by lock; revisions
    private final Set<PublicKey> relaysNamed = new HashSet<>(); // guarded by lock; those that were no nodes before

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
        Gauge.builder("skywire.topology.nodes", () -> current.nodeCount())
                .description("Nodes in this replica's topology")
                .register(meters);
        Gauge.builder("skywire.topology.transports", () -> current.transportCount())
                .description("Transports that are up in this replica's topology")
                .register(meters);
        Gauge.builder("skywire.topology.version", () -> current.version())
                .description("Version of this replica's topology; it rises with each change")
                .register(meters);
        Gauge.builder("skywire.topology.age", this, TopologyHolder::ageSeconds)
                .description("Time since this replica's topology was last compared with the database or changed")
                .baseUnit("seconds")
                .register(meters);
    }

    private double ageSeconds() {
        return Math.max(
                0, Duration.between(current.createdAt(), clock.instant()).toNanos() / 1e9);
    }

    private record Change(long revision, Optional<LiveTransport> live) {}

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
            isNew = take(event.id(), event.revision(), Optional.of(event)) | take(event.lower()) | take(event.higher());
        }
        if (isNew) {
            buildSoon();
        }
    }

    @TransactionalEventListener
    void down(TransportDown event) {
        boolean isNew;
        synchronized (lock) {
            isNew = take(event.id(), event.revision(), Optional.empty());
        }
        if (isNew) {
            buildSoon();
        }
    }

    @TransactionalEventListener
    void joined(NodeJoined event) {
        boolean isNew;
        synchronized (lock) {
            isNew = take(event.node());
        }
        if (isNew) {
            buildSoon();
        }
    }

    /// Another replica's changes, a few milliseconds after its commit.
    @EventListener
    void heard(TransportsHeard event) {
        if (take(event.transports())) {
            buildSoon();
        }
    }

    /// Catches up with what no event has told.
    @Scheduled(
            initialDelayString = "${skywire.topology.reconcile-interval:15s}",
            fixedDelayString = "${skywire.topology.reconcile-interval:15s}")
    void reconcile() {
        try {
            readAll();
            isRepricingDue.set(true);
            buildSoon();
        } catch (DataAccessException | TransactionException databaseAway) {
            LOG.debug("the topology stays at version {}: {}", current.version(), databaseAway.toString());
        }
    }

    private void readAll() {
        List<RegisteredTransport> transports = registry.all();
        List<PublicKey> known = directory.all();
        synchronized (lock) {
            known.forEach(this::take);
        }
        take(transports);
    }

    /// Notes what the registry holds; gives whether anything was new.
    private boolean take(List<RegisteredTransport> transports) {
        boolean isNew = false;
        synchronized (lock) {
            for (RegisteredTransport transport : transports) {
                isNew |= take(transport.id(), transport.revision(), transport.up());
                isNew |= take(transport.lower());
                isNew |= take(transport.higher());
            }
        }
        return isNew;
    }

    /// Notes a node; gives whether it is new.
    private boolean take(PublicKey node) {
        return current.find(node).isEmpty() && newNodes.add(node);
    }

    /// Notes a change, unless what is held is as new; gives whether it is new.
    private boolean take(TransportId id, long revision, Optional<TransportUp> up) {
        if (heldRevision(id) >= revision) {
            return false;
        }
        changes.put(id, new Change(revision, up.map(one -> withKnownRelays(LiveTransport.of(one, clock.instant())))));
        return true;
    }

    /// Nodes are never forgotten, and an edge may name any key as its relay: there is an end to the names we learn so.
    private LiveTransport withKnownRelays(LiveTransport live) {
        List<PublicKey> relays = live.relays().stream().filter(this::isRelay).toList();
        if (relays.size() < live.relays().size()) {
            LOG.warn(
                    "transport {} names relays that are not counted: too many keys have been named",
                    live.up().id());
        }
        return new LiveTransport(live.up(), live.quality(), relays);
    }

    private boolean isRelay(PublicKey key) {
        return relaysNamed.contains(key)
                || current.find(key).isPresent()
                || relaysNamed.size() < MOST_RELAYS && relaysNamed.add(key);
    }

    private long heldRevision(TransportId id) {
        Change change = changes.get(id);
        if (change != null) {
            return change.revision();
        }
        Long down = downs.get(id);
        if (down != null) {
            return down;
        }
        Topology held = current;
        OptionalInt number = held.find(id);
        return number.isPresent() ? held.revision(number.getAsInt()) : Long.MIN_VALUE;
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
            Topology next;
            synchronized (lock) {
                next = next();
                current = next; // before the lock is free: who holds it finds a change either here or waiting
            }
            synchronized (building) {
                built = included;
                building.notifyAll();
            }
            LOG.debug("{}", next);
        } catch (RuntimeException bug) {
            LOG.error("the topology stays at version {}", current.version(), bug);
        }
    }

    /// The snapshot with all changes that wait, which are forgotten then.
    private Topology next() {
        Instant now = clock.instant();
        Topology base = current;
        Topology next = changes.size() > MANY && changes.size() > base.transportCount() / 4
                ? fresh(base, now)
                : followUp(base, now);
        changes.forEach((id, change) -> {
            if (change.live().isPresent()) {
                downs.remove(id);
            } else {
                downs.put(id, change.revision());
            }
        });
        changes.clear();
        newNodes.clear();
        return next;
    }

    private Topology followUp(Topology base, Instant now) {
        TopologyDraft draft = base.draft(now);
        newNodes.forEach(draft::add);
        changes.forEach((id, change) -> change.live().ifPresentOrElse(draft::up, () -> draft.down(id)));
        if (isRepricingDue.getAndSet(false)) {
            draft.reprice();
        }
        return draft.publish(draft.isChanged() ? base.version() + 1 : base.version(), now);
    }

    /// So much has changed that building anew is cheaper.
    private Topology fresh(Topology base, Instant now) {
        isRepricingDue.set(false);
        List<PublicKey> known = new ArrayList<>(base.nodeCount() + newNodes.size());
        for (int node = 0; node < base.nodeCount(); node++) {
            known.add(base.node(node));
        }
        known.addAll(newNodes);
        List<LiveTransport> live = new ArrayList<>(base.transportCount() + changes.size());
        base.transports().forEach(up -> {
            if (!changes.containsKey(up.id())) {
                live.add(base.live(base.find(up.id()).orElseThrow()));
            }
        });
        changes.values().forEach(change -> change.live().ifPresent(live::add));
        return Topology.ofLive(base.version() + 1, now, known, live);
    }
}
