package io.skywire.control.agent;

import io.grpc.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.discovery.TransportRegistry;
import io.skywire.control.platform.Replicas;
import io.skywire.control.platform.Tally;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// The sessions of this replica: proven ones by node, one each, and those that have yet to prove a key, bounded.
@Component
final class AgentSessions implements ConnectedAgents {
    private static final Logger LOG = LoggerFactory.getLogger(AgentSessions.class);
    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Duration ALONE = Duration.ofSeconds(2);
    private static final Optional<Status> TAKEN_OVER = Optional.of(
            Status.ABORTED.withDescription("another session of the same key took over: is the key in use twice?"));

    private final TransportRegistry transports;
    private final AgentSettings settings;
    private final InstantSource clock;
    private final Counter crowdedOut;
    private final Counter takenOver;
    private final Tally<Status.Code> ended;
    private final Set<AgentSession> all = ConcurrentHashMap.newKeySet();
    private final Map<PublicKey, AgentSession> live = new ConcurrentHashMap<>();
    private final Map<AgentSession, PublicKey> nodes = new ConcurrentHashMap<>();
    private final AtomicInteger unproven = new AtomicInteger();

    /// Keeps the four above in step; never held while something blocks.
    private final ReentrantLock books = new ReentrantLock();

    private final AtomicInteger setups = new AtomicInteger();
    private final Replicas replicas;
    private volatile boolean draining;

    AgentSessions(
            TransportRegistry transports,
            AgentSettings settings,
            Replicas replicas,
            InstantSource clock,
            MeterRegistry registry) {
        this.replicas = replicas;
        this.transports = transports;
        this.settings = settings;
        this.clock = clock;
        Gauge.builder("skywire.agent.sessions", live, Map::size)
                .description("Agents that are connected to this replica")
                .register(registry);
        Gauge.builder("skywire.agent.sessions.unproven", unproven, AtomicInteger::get)
                .description("Sessions of this replica that have yet to prove a key")
                .register(registry);
        crowdedOut = Counter.builder("skywire.agent.sessions.crowded.out")
                .description("Agents' sessions that ended because their turn did not come in time")
                .register(registry);
        takenOver = Counter.builder("skywire.agent.sessions.taken.over")
                .description("Agents' sessions that ended because another replica has a newer one of the same key")
                .register(registry);
        ended = new Tally<>(
                registry,
                "skywire.agent.sessions.ended",
                "Agents' sessions that ended, by gRPC status",
                "status",
                Status.Code.class);
        replicas.carries(live::size);
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
        crowdedOut.increment();
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
            older.end(TAKEN_OVER);
        }
        return true;
    }

    /// The sessions of these nodes, as far as the database has been told that they are here.
    Map<PublicKey, AgentSession> written(Collection<PublicKey> of) {
        Map<PublicKey, AgentSession> written = new HashMap<>();
        for (PublicKey node : of) {
            AgentSession session = live.get(node);
            if (session != null && session.isWritten()) {
                written.put(node, session);
            }
        }
        return written;
    }

    /// Another replica has a newer session of the same node.
    void takenOver(AgentSession session) {
        takenOver.increment();
        session.end(TAKEN_OVER);
    }

    /// A setup that an agent here asked for has begun; [#setupEnds] when it has its answer.
    void setupBegins() {
        setups.incrementAndGet();
    }

    void setupEnds() {
        setups.decrementAndGet();
    }

    /// Lets an ended session go.
    ///
    /// @return its node, if that has no other session here
    Optional<PublicKey> left(AgentSession session, Status.Code status) {
        Optional<PublicKey> gone = Optional.empty();
        books.lock();
        try {
            if (!all.remove(session)) {
                return gone;
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
        ended.add(status);
        if (gone.isPresent()) {
            try {
                transports.sessionEnded(gone.get());
            } catch (DataAccessException | TransactionException away) {
                LOG.atDebug()
                        .addKeyValue("node", gone.get().shortHex())
                        .log("discovery learns of the end by the lease: {}", away.getMessage());
            }
        }
        return gone;
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

    /// The sessions that have been live since before then, in no order.
    List<AgentSession> olderThan(Instant then) {
        return live.values().stream()
                .filter(session -> session.isOlderThan(then))
                .toList();
    }

    @EventListener(ApplicationReadyEvent.class)
    void serve() {
        replicas.stand(Replicas.Standing.SERVING);
    }

    /// Sends every agent away, spread over some time, waits for them to go and for setups to be answered, and ends what
    /// is left. Readiness is refused before this begins. Where no other replica serves nobody can go anywhere: then
    /// only setups are waited for, and a little for agents that leave anyway.
    ///
    /// First of all listeners: the next ones end what works regularly, and rules and setups need that to the last.
    @EventListener(ContextClosedEvent.class)
    @Order(Ordered.HIGHEST_PRECEDENCE)
    public void drain() throws InterruptedException {
        draining = true;
        replicas.stand(Replicas.Standing.ASIDE);
        Instant start = clock.instant();
        boolean alone = replicas.alive().stream()
                .noneMatch(one ->
                        one.standing() == Replicas.Standing.SERVING && !one.id().equals(replicas.self()));
        Duration grace = settings.drainGrace();
        Duration spread = alone ? Duration.ZERO : settings.drainSpread();
        List<AgentSession> leaving = new ArrayList<>(all);
        for (int i = 0; i < leaving.size(); i++) {
            while (clock.instant().isBefore(start.plus(spread.multipliedBy(i).dividedBy(leaving.size())))) {
                TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
            }
            leaving.get(i).drain("this control plane is about to end");
        }
        Instant agents = start.plus(alone && grace.compareTo(ALONE) > 0 ? ALONE : grace);
        while (!live.isEmpty() && clock.instant().isBefore(agents)
                || setups.get() > 0 && clock.instant().isBefore(start.plus(grace))) {
            TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
        }
        LOG.info("{} sessions and {} setups are left after draining", live.size(), setups.get());
        all.forEach(session -> session.end(Optional.empty()));
    }
}
