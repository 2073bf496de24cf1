package io.skywire.local.bench;

import io.skywire.local.ControlPlaneAlone;
import io.skywire.local.Experiment;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import io.skywire.local.WrongUse;
import io.skywire.local.simulation.SimulatedAgent;
import io.skywire.local.simulation.Swarm;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// One control plane holds thousands of agents, each over a TCP connection of its own: what one more costs in memory,
/// what they cost while they only beat, and how long a rule change takes to reach its agent under steady change.
@Command(
        name = "agents",
        description = "Holds thousands of agents on one control plane: memory, idle load, time of a rule push.")
public final class AgentsBench extends Experiment {
    private static final double MOST_BYTES = 60_000;
    private static final double MOST_PUSH_MILLIS = 250;
    private static final Duration JOINING = Duration.ofSeconds(300);
    private static final Duration SETTLING = Duration.ofSeconds(60);
    private static final Duration SETUP = Duration.ofSeconds(10);
    private static final int FEW = 100;

    @Option(names = "--agents", description = "how many agents (default: 10000)")
    private int agents = 10_000;

    @Option(names = "--changes", description = "rule changes a second, two for each route (default: 200)")
    private int changes = 200;

    @Option(names = "--seconds", description = "how long each part is measured (default: 30)")
    private int seconds = 30;

    @Option(names = "--heap", description = "the control plane's heap (default: 1g)")
    private String heap = "1g";

    @Option(names = "--seed", description = "of keys and routes (default: drawn and told)")
    private Optional<Long> seed = Optional.empty();

    private final InstantSource clock = InstantSource.system();

    @Override
    protected Report run(RunHome home, Progress progress) {
        if (agents < 3 * FEW || agents > 20_000 || changes < 2 || changes > 2000 || seconds < 5 || seconds > 300) {
            throw new WrongUse("--agents is 300 to 20000, --changes 2 to 2000, --seconds 5 to 300");
        }
        long drawn = seed.orElseGet(System::nanoTime);
        progress.say("starting a control plane");
        try (ControlPlaneAlone control = ControlPlaneAlone.start(home, Map.of(), heap);
                HeapWatch watch = new HeapWatch(control.http("/actuator/prometheus"), control.pid())) {
            home.endOnSignal(control::close);
            keepCommitTimes(control);
            ResidentMemory memory = new ResidentMemory(control.pid(), watch);
            progress.say(FEW + " agents join, to warm up");
            try (Swarm few = swarm(control, FEW, drawn)) {
                join(few, Duration.ofSeconds(1));
                change(few, new Random(drawn), Duration.ofSeconds(5));
                settle(control);
                ResidentMemory.Reading before = memory.read();
                progress.say((agents - FEW) + " more join");
                try (Swarm many = swarm(control, agents - FEW, drawn + 1)) {
                    join(many, Duration.ofMillis(4L * agents));
                    return measure(control, many, memory, before, new Random(drawn), progress)
                            .put("seed", drawn);
                }
            }
        }
    }

    private static Swarm swarm(ControlPlaneAlone control, int agents, long seed) {
        return Swarm.of(
                new Swarm.Shape(agents, 1, seed),
                control.agents(),
                control.serviceKey(),
                control.setupKey(),
                agent -> false);
    }

    /// PostgreSQL writes down when each transaction was committed; that takes a restart of it.
    private static void keepCommitTimes(ControlPlaneAlone control) {
        try (Connection database = control.database();
                Statement statement = database.createStatement()) {
            statement.execute("ALTER SYSTEM SET track_commit_timestamp = on");
        } catch (SQLException refused) {
            throw new NetworkFailure("PostgreSQL cannot be set: " + refused.getMessage());
        }
        control.stopDatabase();
        control.startDatabase();
        control.awaitReady();
    }

    private static void join(Swarm swarm, Duration spread) {
        swarm.start(spread);
        int all = swarm.agents().size();
        if (!Patience.until(JOINING, () -> swarm.count(SimulatedAgent.State.AGREED) == all)) {
            throw new NetworkFailure(swarm.count(SimulatedAgent.State.AGREED) + " of " + all + " joined in "
                    + JOINING.toSeconds() + " s: " + swarm.counts().endings());
        }
    }

    /// Waits until the control plane has little to do, as far as its agents let it.
    private static void settle(ControlPlaneAlone control) {
        Duration last = cpu(control);
        Duration lowest = SETTLING;
        for (int second = 0; second < SETTLING.toSeconds(); second += 3) {
            LockSupport.parkNanos(Duration.ofSeconds(3).toNanos());
            Duration now = cpu(control);
            Duration spent = now.minus(last);
            last = now;
            if (spent.compareTo(Duration.ofMillis(300)) < 0 || second > 9 && spent.compareTo(lowest) >= 0) {
                return;
            }
            lowest = spent.compareTo(lowest) < 0 ? spent : lowest;
        }
    }

    private static Duration cpu(ControlPlaneAlone control) {
        return ProcessHandle.of(control.pid())
                .flatMap(process -> process.info().totalCpuDuration())
                .orElse(Duration.ZERO);
    }

    private Report measure(
            ControlPlaneAlone control,
            Swarm many,
            ResidentMemory memory,
            ResidentMemory.Reading before,
            Random random,
            Progress progress) {
        settle(control);
        progress.say("agents only beat");
        ResidentMemory.Reading after = memory.read();
        Instant idle = clock.instant();
        Duration idleCpu = cpu(control);
        LockSupport.parkNanos(Duration.ofSeconds(seconds).toNanos());
        double idleFraction = (double) cpu(control).minus(idleCpu).toNanos()
                / Duration.between(idle, clock.instant()).toNanos();
        progress.say(changes + " rule changes a second");
        PushTimes pushes = new PushTimes(clock);
        many.hearApplied(pushes);
        awaitAnswers(change(many, random, Duration.ofSeconds(5))); // warm-up
        Duration busyCpu = cpu(control);
        Instant from = clock.instant();
        Changed changed = change(many, random, Duration.ofSeconds(seconds));
        Instant to = clock.instant();
        double busyFraction = (double) cpu(control).minus(busyCpu).toNanos()
                / Duration.between(from, to).toNanos();
        Patience.until(SETUP.plusSeconds(1), () -> changed.open() == 0);
        PushTimes.Times times;
        try (Connection database = control.database()) {
            times = pushes.between(database, from, to);
        } catch (SQLException unreadable) {
            throw new NetworkFailure("PostgreSQL cannot be read: " + unreadable.getMessage());
        }
        int grown = agents - FEW;
        Report report = new Report()
                .put("agents", agents)
                .atMost("rss_bytes_per_agent", (double) (after.counted() - before.counted()) / grown, MOST_BYTES)
                .put("heap_bytes_per_agent", (double) (after.live() - before.live()) / grown)
                .put("outside_heap_bytes_per_agent", (double) (after.outside() - before.outside()) / grown)
                .put("rss_mib_with_few", mebibytes(before.all()))
                .put("rss_mib_with_all", mebibytes(after.all()))
                .atMost("rule_push_p99_ms", times.quantile(0.99), MOST_PUSH_MILLIS)
                .put("rule_push_p50_ms", times.quantile(0.5))
                .put("rule_push_max_ms", times.quantile(1))
                .put("rule_changes", times.millis().size())
                .atLeast("rule_changes_per_second", (double) times.millis().size() / seconds, 0.9 * changes)
                .exactly("rule_changes_not_applied", times.missing(), 0)
                .put("setups_failed", changed.failed().sum())
                .put("cpu_idle_fraction", idleFraction)
                .put("cpu_busy_fraction", busyFraction)
                .put("endings", many.counts().endings());
        return report;
    }

    private static void awaitAnswers(Changed changed) {
        Patience.until(SETUP.plusSeconds(1), () -> changed.open() == 0);
    }

    private static double mebibytes(long bytes) {
        return bytes / 1024.0 / 1024.0;
    }

    private record Changed(LongAdder asked, LongAdder answered, LongAdder failed) {
        long open() {
            return asked.sum() - answered.sum();
        }
    }

    /// Sets up routes of one hop between neighbours, at a steady pace that does not wait for answers. Each changes the
    /// rules of two random agents, through the control plane's own way.
    private Changed change(Swarm swarm, Random random, Duration time) {
        Changed changed = new Changed(new LongAdder(), new LongAdder(), new LongAdder());
        List<SimulatedAgent> all = swarm.agents();
        long start = System.nanoTime();
        long setups = time.toSeconds() * changes / 2;
        for (long i = 0; i < setups; i++) {
            long due = start + i * 2 * 1_000_000_000L / changes;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            int one = random.nextInt(all.size());
            changed.asked().increment();
            var unused = all.get(one)
                    .setUp(all.get((one + 1) % all.size()).key(), SETUP)
                    .whenComplete((result, unanswered) -> {
                        changed.answered().increment();
                        if (unanswered != null || !result.hasEstablished()) {
                            changed.failed().increment();
                        }
                    });
        }
        return changed;
    }
}
