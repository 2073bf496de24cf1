package io.skywire.local.drill;

import com.google.protobuf.ByteString;
import io.skywire.local.Patience;
import io.skywire.local.simulation.SimulatedAgent;
import io.skywire.local.simulation.Swarm;
import io.skywire.proto.v1.SetupResult;
import io.skywire.shared.rule.RouteUid;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// Asks for one route after the other between agents that are near each other, at a steady pace, and closes the oldest.
/// Every pair has a way all the time, so each of them should succeed. On a thread of its own; safe for any thread.
final class SteadySetups implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(60);
    private static final Duration DEADLINE = Duration.ofSeconds(15);
    private static final int MOST_OPEN = 60;
    private static final int NEAR = 8;

    private final Swarm swarm;
    private final Inquest inquest;
    private final Random random;
    private final Deque<Open> open = new ConcurrentLinkedDeque<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final Set<UUID> established = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> failures = new ConcurrentSkipListMap<>();
    private final Map<Instant, String> moments = new ConcurrentSkipListMap<>();
    private final Thread thread;
    private volatile boolean asking = true;

    /// A route and who asked for it.
    private record Open(SimulatedAgent initiator, ByteString route) {}

    /// Finds out more about a failed setup, on a thread of its own.
    interface Inquest {
        Inquest NONE = (initiator, result, asked) -> "";

        String find(SimulatedAgent initiator, SetupResult result, Instant asked);
    }

    SteadySetups(Swarm swarm, long seed, Inquest inquest) {
        this.swarm = swarm;
        this.inquest = inquest;
        this.random = new Random(seed);
        this.thread = Thread.ofPlatform().daemon().name("steady-setups").start(this::run);
    }

    private void run() {
        while (asking) {
            ask();
            LockSupport.parkNanos(PAUSE.toNanos());
            while (open.size() > MOST_OPEN) {
                Open oldest = open.removeFirst();
                oldest.initiator().closeRoute(oldest.route());
            }
        }
    }

    private void ask() {
        int from = random.nextInt(swarm.agents().size());
        int to = (from + 1 + random.nextInt(NEAR)) % swarm.agents().size();
        SimulatedAgent initiator = swarm.agents().get(from);
        asked.incrementAndGet();
        Instant at = Instant.now();
        var unused = initiator.setUp(swarm.agents().get(to).key(), DEADLINE).whenComplete((result, failure) -> {
            if (failure == null && result.hasEstablished()) {
                ByteString route = result.getEstablished().getRoute();
                established.add(RouteUid.of(route.toByteArray()).uuid());
                open.addLast(new Open(initiator, route));
            } else {
                String why = failure == null ? why(result) : String.valueOf(failure);
                failures.merge(why, 1, Integer::sum);
                moments.put(at, why);
                Thread.ofVirtual()
                        .name("inquest")
                        .start(() -> moments.put(at, why + inquest.find(initiator, result, at)));
            }
            answered.incrementAndGet();
        });
    }

    private static String why(SetupResult result) {
        return result.getFailure().getReason() + ": " + result.getFailure().getDetail();
    }

    /// Asks no more, and waits for the answers; whether all came.
    boolean rest() {
        asking = false;
        return Patience.until(DEADLINE.plusSeconds(5), () -> !thread.isAlive() && answered.get() == asked.get());
    }

    int asked() {
        return asked.get();
    }

    int failed() {
        return failures.values().stream().mapToInt(Integer::intValue).sum();
    }

    /// The routes that initiators were told are established.
    Set<UUID> established() {
        return Set.copyOf(established);
    }

    /// Whether one more is established within `limit`.
    boolean establishesAnother(Duration limit) {
        int before = established.size();
        return Patience.until(limit, () -> established.size() > before);
    }

    /// What the failed ones were told, how often.
    Map<String, Integer> failures() {
        return new TreeMap<>(failures);
    }

    /// When failed ones were asked for, what they were told, and what the inquest found.
    List<String> moments() {
        return moments.entrySet().stream()
                .map(one -> one.getKey() + " " + one.getValue())
                .toList();
    }

    /// Routes that were established and not closed, over which nothing passes.
    int dead() {
        int dead = 0;
        for (Open one : new ArrayList<>(open)) {
            if (!swarm.roads()
                    .leadsBothWays(one.initiator(), RouteUid.of(one.route().toByteArray()))) {
                dead++;
            }
        }
        return dead;
    }

    @Override
    public void close() {
        asking = false;
        thread.interrupt();
    }
}
