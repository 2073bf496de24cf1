package io.skywire.local.drill;

import com.google.protobuf.ByteString;
import io.skywire.local.Patience;
import io.skywire.local.simulation.Link;
import io.skywire.local.simulation.SimulatedAgent;
import io.skywire.local.simulation.Swarm;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.Rule;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// What a swarm does while others are looked at: links go down and come up, routes are set up and closed. On a thread
/// of its own; the rest is for one other thread.
final class SwarmLife implements AutoCloseable {
    private static final Duration STEP = Duration.ofMillis(250);
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int MOST_DOWN = 12;
    private static final int MOST_OPEN = 30;
    private static final int NEAR = 8;

    private final Swarm swarm;
    private final Random random;
    private final Deque<Link> down = new ArrayDeque<>();
    private final Deque<Open> open = new ConcurrentLinkedDeque<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger established = new AtomicInteger();
    private final Thread thread;
    private volatile boolean running;
    private volatile boolean resting = true;
    private volatile boolean ended;
    private final AtomicInteger changes = new AtomicInteger();

    /// A route and who asked for it.
    private record Open(SimulatedAgent initiator, ByteString route) {}

    SwarmLife(Swarm swarm, long seed) {
        this.swarm = swarm;
        this.random = new Random(seed);
        this.thread = Thread.ofPlatform().daemon().name("swarm-life").start(this::run);
    }

    void go() {
        running = true;
    }

    /// Everything is up and closed from now on, as far as this end says; whether all requests were answered.
    boolean rest() {
        running = false;
        boolean still = Patience.until(DEADLINE, () -> resting);
        boolean all = Patience.until(DEADLINE.multipliedBy(3), () -> answered.get() == asked.get());
        closeDownTo(0);
        closeWhatIsLeft();
        return still && all;
    }

    /// Routes whose answer came too late or not at all: their initiator knows them by its own rules.
    private void closeWhatIsLeft() {
        for (SimulatedAgent agent : swarm.agents()) {
            for (Rule rule : agent.rules()) {
                if (rule instanceof Rule.Forward forward && forward.end() == RouteEnd.INITIATOR) {
                    agent.closeRoute(ByteString.copyFrom(forward.route().bytes()));
                }
            }
        }
    }

    /// Rules in the tables of all agents.
    long rules() {
        return swarm.agents().stream().mapToLong(agent -> agent.rules().size()).sum();
    }

    int changes() {
        return changes.get();
    }

    int asked() {
        return asked.get();
    }

    int established() {
        return established.get();
    }

    /// The tables of all agents.
    Map<PublicKey, Collection<Rule>> tables() {
        Map<PublicKey, Collection<Rule>> tables = new HashMap<>();
        swarm.agents().forEach(agent -> tables.put(agent.key(), agent.rules()));
        return tables;
    }

    private void run() {
        for (int step = 0; !ended; step++) {
            LockSupport.parkNanos(STEP.toNanos());
            if (!running) {
                while (!down.isEmpty()) {
                    lift(down.removeFirst());
                }
                resting = true;
                continue;
            }
            resting = false;
            changes.incrementAndGet();
            if (down.size() >= MOST_DOWN || (!down.isEmpty() && random.nextBoolean())) {
                lift(down.removeFirst());
            } else {
                Link link = swarm.links().get(random.nextInt(swarm.links().size()));
                if (!down.contains(link)) {
                    link.one().lose(link.signed());
                    link.other().lose(link.signed());
                    down.addLast(link);
                }
            }
            if (step % 2 == 0) {
                ask();
                closeDownTo(MOST_OPEN);
            }
        }
    }

    private static void lift(Link link) {
        link.one().hold(link.signed());
        link.other().hold(link.signed());
    }

    private void ask() {
        int from = random.nextInt(swarm.agents().size());
        int to = (from + 1 + random.nextInt(NEAR)) % swarm.agents().size();
        SimulatedAgent initiator = swarm.agents().get(from);
        asked.incrementAndGet();
        var unused = initiator.setUp(swarm.agents().get(to).key(), DEADLINE).whenComplete((result, failure) -> {
            if (failure == null && result.hasEstablished()) {
                established.incrementAndGet();
                open.addLast(new Open(initiator, result.getEstablished().getRoute()));
            }
            answered.incrementAndGet();
        });
    }

    private void closeDownTo(int most) {
        while (open.size() > most) {
            Open oldest = open.pollFirst();
            if (oldest != null) {
                oldest.initiator().closeRoute(oldest.route());
            }
        }
    }

    @Override
    public void close() {
        running = false;
        ended = true;
        thread.interrupt();
    }
}
