package io.skywire.control.agent;

import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.discovery.TransportRegistry;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// The sessions of this replica: proven ones by node, one each, and those that have yet to prove a key, bounded.
@Component
final class AgentSessions implements ConnectedAgents {
    private static final Logger LOG = LoggerFactory.getLogger(AgentSessions.class);
    private static final Duration LOOK = Duration.ofMillis(20);

    private final TransportRegistry transports;
    private final AgentSettings settings;
    private final InstantSource clock;
    private final MeterRegistry registry;
    private final Set<AgentSession> all = ConcurrentHashMap.newKeySet();
    private final Map<PublicKey, AgentSession> live = new ConcurrentHashMap<>();
    private final Map<AgentSession, PublicKey> nodes = new ConcurrentHashMap<>();
    private final AtomicInteger unproven = new AtomicInteger();

    /// Keeps the four above in step; never held while something blocks.
    private final ReentrantLock books = new ReentrantLock();

    private volatile boolean draining;

    AgentSessions(TransportRegistry transports, AgentSettings settings, InstantSource clock, MeterRegistry registry) {
        this.transports = transports;
        this.settings = settings;
        this.clock = clock;
        this.registry = registry;
        registry.gauge("skywire.agent.sessions", live, Map::size);
        registry.gauge("skywire.agent.sessions.unproven", unproven);
    }

    @Override
    public int count() {
        return live.size();
    }

    @Override
    public boolean isConnected(PublicKey node) {
        return live.containsKey(node);
    }

    /// Why no further session can begin now, empty if one can: then its place among the unproven is taken.
    Optional<Status> admit() {
        if (draining) {
            return Optional.of(Status.UNAVAILABLE.withDescription("this control plane is about to end"));
        }
        if (unproven.incrementAndGet() > settings.unproven()) {
            unproven.decrementAndGet();
            return Optional.of(
                    Status.RESOURCE_EXHAUSTED.withDescription("too many sessions wait for their proof: try later"));
        }
        return Optional.empty();
    }

    /// A session ends because its turn did not come in time.
    void crowdedOut() {
        registry.counter("skywire.agent.sessions.crowded.out").increment();
    }

    void opened(AgentSession session) {
        all.add(session);
    }

    /// The session has proved that it is `node`'s; an older one of the same node ends. False if it is over already.
    boolean join(PublicKey node, AgentSession session) {
        AgentSession older;
        books.lock();
        try {
            if (!all.contains(session)) {
                return false;
            }
            unproven.decrementAndGet();
            nodes.put(session, node);
            older = live.put(node, session);
        } finally {
            books.unlock();
        }
        if (older != null) {
            older.end(Optional.of(Status.ABORTED.withDescription(
                    "another session of the same key took over: is the key in use twice?")));
        }
        return true;
    }

    void left(AgentSession session, Status.Code status) {
        Optional<PublicKey> gone = Optional.empty();
        books.lock();
        try {
            if (!all.remove(session)) {
                return;
            }
            PublicKey node = nodes.remove(session);
            if (node == null) {
                unproven.decrementAndGet();
            } else if (live.remove(node, session)) {
                gone = Optional.of(node);
            }
        } finally {
            books.unlock();
        }
        registry.counter("skywire.agent.sessions.ended", "status", status.name().toLowerCase(Locale.ROOT))
                .increment();
        if (gone.isPresent()) {
            try {
                transports.sessionEnded(gone.get());
            } catch (DataAccessException | TransactionException away) {
                LOG.atDebug()
                        .addKeyValue("node", gone.get().shortHex())
                        .log("discovery learns of the end by the lease: {}", away.getMessage());
            }
        }
    }

    @Scheduled(fixedDelayString = "${skywire.agent.check-interval:500ms}")
    void check() {
        Instant now = clock.instant();
        all.forEach(session -> session.check(now));
    }

    /// The nodes with a proven session here, as they stand now.
    Set<PublicKey> connected() {
        return Set.copyOf(live.keySet());
    }

    /// Sends every agent away, waits a little for them to go, and ends what is left.
    @EventListener(ContextClosedEvent.class)
    public void drain() throws InterruptedException {
        draining = true;
        all.forEach(AgentSession::drain);
        Instant deadline = clock.instant().plus(settings.drainGrace());
        while (!live.isEmpty() && clock.instant().isBefore(deadline)) {
            TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
        }
        all.forEach(session -> session.end(Optional.empty()));
    }
}
