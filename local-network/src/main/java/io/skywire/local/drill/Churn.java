package io.skywire.local.drill;

import io.skywire.local.Patience;
import io.skywire.local.simulation.Link;
import io.skywire.local.simulation.SimulatedAgent;
import io.skywire.local.simulation.Swarm;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// What really happens to a swarm's links, by a seed. For one thread; the second end of a link hears of a change a
/// little after the first, from a thread of its own.
///
/// Agents die between the first second and the second but last; links change until the end.
final class Churn {
    private static final int CHANGES_PER_SECOND = 20;
    private static final int LATEST_SECOND_END_MILLIS = 300;

    private final Swarm swarm;
    private final Random random;
    private final List<SimulatedAgent> doomed;
    private final List<Link> idle;
    private final Set<TransportId> down = new HashSet<>();
    private final Set<SimulatedAgent> dead = new HashSet<>();
    private int changes;
    private int silently;
    private int byReset;

    Churn(Swarm swarm, Random random, Set<Integer> doomed) {
        this.swarm = swarm;
        this.random = random;
        this.doomed = new ArrayList<>(
                doomed.stream().sorted().map(swarm.agents()::get).toList());
        this.idle = new ArrayList<>(swarm.links());
    }

    /// The links that are up: not broken, and both agents alive.
    Set<TransportId> reality() {
        Set<TransportId> up = new HashSet<>();
        for (Link link : swarm.links()) {
            if (!down.contains(link.id()) && !dead.contains(link.one()) && !dead.contains(link.other())) {
                up.add(link.id());
            }
        }
        return up;
    }

    void run(Duration duration) {
        long steps = duration.toSeconds() * CHANGES_PER_SECOND;
        long[] deaths = random.longs(doomed.size(), CHANGES_PER_SECOND, steps - 2L * CHANGES_PER_SECOND)
                .sorted()
                .toArray();
        List<Link> changing = new ArrayList<>();
        try (ScheduledExecutorService secondEnds = Executors.newSingleThreadScheduledExecutor()) {
            long begin = System.nanoTime();
            int died = 0;
            for (long step = 0; step < steps; step++) {
                long due = begin + step * TimeUnit.SECONDS.toNanos(1) / CHANGES_PER_SECOND;
                Patience.until(Duration.ofSeconds(1), () -> System.nanoTime() - due >= 0);
                while (died < deaths.length && deaths[died] <= step) {
                    kill(doomed.get(died));
                    died++;
                }
                // A link rests until both its ends have heard of its last change.
                if (changing.size() > LATEST_SECOND_END_MILLIS * CHANGES_PER_SECOND / 1000 + 1) {
                    idle.add(changing.removeFirst());
                }
                Link link = idle.remove(random.nextInt(idle.size()));
                changing.add(link);
                change(link, secondEnds);
            }
        }
    }

    private void change(Link link, ScheduledExecutorService secondEnds) {
        boolean comesUp = down.remove(link.id());
        if (!comesUp) {
            down.add(link.id());
        }
        changes++;
        boolean order = random.nextBoolean();
        tell(order ? link.one() : link.other(), link, comesUp);
        var unused = secondEnds.schedule(
                () -> tell(order ? link.other() : link.one(), link, comesUp),
                random.nextInt(LATEST_SECOND_END_MILLIS),
                TimeUnit.MILLISECONDS);
    }

    /// The dead hear nothing: a vanished agent says nothing more, whatever it is told.
    private static void tell(SimulatedAgent end, Link link, boolean comesUp) {
        if (comesUp) {
            end.hold(link.signed());
        } else {
            end.lose(link.signed());
        }
    }

    private void kill(SimulatedAgent agent) {
        dead.add(agent);
        if (random.nextBoolean()) {
            silently++;
            agent.vanish(SimulatedAgent.Vanishing.SILENTLY);
        } else {
            byReset++;
            agent.vanish(SimulatedAgent.Vanishing.CUT);
        }
    }

    int changes() {
        return changes;
    }

    int killedSilently() {
        return silently;
    }

    int killedByReset() {
        return byReset;
    }
}
