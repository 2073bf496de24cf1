package io.skywire.local.drill;

import io.skywire.local.EarlierBuild;
import io.skywire.local.Experiment;
import io.skywire.local.Installation;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import io.skywire.local.SoakStage;
import io.skywire.local.WrongUse;
import io.skywire.local.simulation.Swarm;
import io.skywire.local.simulation.SwarmCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// A rolling upgrade: two control planes over one PostgreSQL, one after the other drained, ended and started anew,
/// while agents set up routes, real nodes carry transfers and stock clients register through a balancer.
@Command(name = "upgrade", description = "Restarts two control planes one at a time under load; nobody may notice.")
public final class UpgradeDrill extends Experiment {
    private static final int PORT = 7000;
    private static final String THIS = "this";
    private static final String USUAL = "HEAD~1";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration GRACE = Duration.ofSeconds(60);
    private static final Duration STEADY = Duration.ofSeconds(6);
    private static final Duration REDIALS_EVERY = Duration.ofSeconds(1);
    private static final Duration REGISTERS_EVERY = Duration.ofMillis(40);
    private static final int REGISTERING = 3;
    private static final int MOST_TOLD = 20;

    @Option(names = "--agents", description = "how many simulated agents (default: 60)")
    private int agents = 60;

    @Option(
            names = "--from",
            description = "the revision that is upgraded from, built for it; 'this' for the same build"
                    + " (default: HEAD~1 where the checkout has a history, else this)")
    private Optional<String> from = Optional.empty();

    @Option(names = "--seed", description = "of everything that happens (default: drawn and told)")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--kill",
            description = "breaks the upgrade on purpose: control planes end by SIGKILL; the drill must fail")
    private boolean kill;

    private volatile boolean working = true;

    @Override
    protected Report run(RunHome home, Progress progress) {
        if (agents < 10 || agents > 500) {
            throw new WrongUse("--agents is 10 to 500");
        }
        long drawn = seed.orElseGet(System::nanoTime);
        progress.say("seed " + drawn);
        Optional<String> commit = earlier(progress);
        if (commit.isEmpty()) {
            return drill(home, Installation.ofThisProcess(), drawn, progress)
                    .put("from", "this build")
                    .put("seed", drawn);
        }
        progress.say("building " + commit.get());
        try (EarlierBuild build = EarlierBuild.of(commit.get(), home)) {
            return drill(home, build.installation(), drawn, progress)
                    .put("from", build.commit())
                    .put("seed", drawn);
        }
    }

    private Optional<String> earlier(Progress progress) {
        if (from.equals(Optional.of(THIS))) {
            return Optional.empty();
        }
        Optional<String> commit = EarlierBuild.commit(from.orElse(USUAL));
        if (commit.isEmpty()) {
            if (from.isPresent()) {
                throw new WrongUse("--from: this checkout has no commit " + from.get());
            }
            progress.say("no history here: this build is restarted, no older one is tried");
        }
        return commit;
    }

    private Report drill(RunHome home, Installation older, long drawn, Progress progress) {
        try (SeededSource source = new SeededSource()) {
            Map<Integer, Integer> offer = Map.of(PORT, source.port());
            try (SoakStage stage = SoakStage.start(
                            home, older, Map.of("n1", offer, "n4", offer, "n7", offer, "n8", offer), progress);
                    Swarm swarm = Swarm.over(
                            new Swarm.Shape(agents, 2, drawn), stage.agents(), stage.serviceKey(), stage.setupKey());
                    Balancer balancer = new Balancer(stage::doors);
                    AcknowledgedRegistrations registrations = new AcknowledgedRegistrations(new Random(drawn + 5))) {
                List<SoakLane> lanes = new ArrayList<>();
                try {
                    lanes.add(lane(stage, "n1", "n4", drawn + 1));
                    lanes.add(lane(stage, "n1", "n7", drawn + 2));
                    lanes.add(lane(stage, "n7", "n1", drawn + 3));
                    lanes.add(lane(stage, "n1", "n8", drawn + 4));
                    return roll(new Parts(stage, swarm, lanes, balancer, registrations), older, drawn, progress);
                } finally {
                    working = false;
                    lanes.forEach(SoakLane::close);
                }
            }
        }
    }

    private static SoakLane lane(SoakStage stage, String from, String to, long seed) {
        return new SoakLane(from + "<-" + to, () -> stage.connect(from, to, PORT, PATIENCE), seed);
    }

    private record Parts(
            SoakStage stage,
            Swarm swarm,
            List<SoakLane> lanes,
            Balancer balancer,
            AcknowledgedRegistrations registrations) {}

    /// What real nodes and stock clients asked for meanwhile.
    private static final class Tally {
        private final AtomicInteger asked = new AtomicInteger();
        private final Map<String, Integer> failed = new TreeMap<>();

        synchronized void failed(String why) {
            failed.merge(why, 1, Integer::sum);
        }

        synchronized int failed() {
            return failed.values().stream().mapToInt(Integer::intValue).sum();
        }

        synchronized Map<String, Integer> failures() {
            return new TreeMap<>(failed);
        }
    }

    private Report roll(Parts parts, Installation older, long drawn, Progress progress) {
        progress.say("all agents join");
        Joining.join(parts.stage(), parts.swarm());
        parts.lanes().forEach(SoakLane::go);
        Tally dials = new Tally();
        Tally requests = new Tally();
        Report report = new Report();
        SetupInquest inquest = new SetupInquest(parts.stage(), parts.swarm());
        try (SteadySetups setups = new SteadySetups(parts.swarm(), drawn, inquest)) {
            Thread redials = repeat("redials", REDIALS_EVERY, () -> {
                dials.asked.incrementAndGet();
                parts.stage().redial("n2", "n7").ifPresent(why -> dials.failed(Instant.now() + " " + why));
            });
            List<Thread> registering = new ArrayList<>();
            for (int i = 0; i < REGISTERING; i++) {
                registering.add(repeat("registers", REGISTERS_EVERY, () -> {
                    requests.asked.incrementAndGet();
                    parts.registrations()
                            .register(parts.balancer().uri())
                            .ifPresent(why -> requests.failed(Instant.now() + " " + why));
                }));
            }
            pause(STEADY);
            if (setups.failed() + dials.failed() + requests.failed() > 0) {
                throw new NetworkFailure("setups fail before anything is restarted: " + setups.failures()
                        + dials.failures() + requests.failures());
            }
            SwarmCounts counts = parts.swarm().counts();
            long nodesBefore = parts.stage().sessionsLostByNodes();
            List<Double> drained = new ArrayList<>();
            List<Integer> failedBefore = new ArrayList<>();
            boolean another = !older.equals(Installation.ofThisProcess());
            String first = SoakStage.CONTROL_PLANES.get(0);
            String second = SoakStage.CONTROL_PLANES.get(1);
            parts.stage().upgradeTo(Installation.ofThisProcess());
            restart(parts, first, drained, report, progress);
            failedBefore.add(setups.failed());
            if (another) {
                progress.say("the older build is started again over the newer schema");
                parts.stage().upgradeTo(older);
                restart(parts, second, drained, report, progress);
                failedBefore.add(setups.failed());
                parts.stage().upgradeTo(Installation.ofThisProcess());
            }
            restart(parts, second, drained, report, progress);

            working = false;
            join(redials);
            registering.forEach(UpgradeDrill::join);
            if (!setups.rest()) {
                report.failed("some setups were never answered");
            }
            failedBefore.add(setups.failed());
            int dead = setups.dead();
            SwarmCounts since = parts.swarm().counts().since(counts);
            long moved = since.endings().getOrDefault("COMPLETED OK: moved", 0L);
            long ended =
                    since.endings().values().stream().mapToLong(Long::longValue).sum();
            long nodes = parts.stage().sessionsLostByNodes() - nodesBefore;
            progress.say("the rest of the transfers");
            parts.lanes().stream().filter(lane -> !lane.rest()).forEach(lane -> report.failed(lane.name() + " hangs"));
            long broken = parts.lanes().stream()
                    .mapToLong(lane -> lane.broken() + lane.mismatches() + lane.refused())
                    .sum();
            report.exactly("failed_setups", setups.failed() + dials.failed(), 0)
                    .exactly("sessions_lost", broken + nodes + (ended - moved), 0L)
                    .exactly("failed_requests", requests.failed(), 0)
                    .exactly("dead_routes", dead, 0)
                    .atLeast("sessions_moved", moved, 1)
                    .atLeast(
                            "transfers_whole",
                            parts.lanes().stream().mapToInt(SoakLane::whole).sum(),
                            1)
                    .put("setups", setups.asked())
                    .put("setups_of_nodes", dials.asked.get())
                    .put("requests", requests.asked.get())
                    .put("restarts", drained.size())
                    .put("drained_seconds", drained)
                    .put("failed_setups_until", failedBefore)
                    .put("older_on_newer_schema", another)
                    .put("transfers_broken", broken)
                    .put("control_sessions_of_nodes_lost", nodes)
                    .put("control_sessions_of_agents_lost", ended - moved)
                    .put("failures", setups.failures())
                    .put("failures_of_nodes", dials.failures())
                    .put("failures_of_requests", requests.failures())
                    .put("failed", setups.moments().stream().limit(MOST_TOLD).toList())
                    .put("endings", since.endings());
            parts.lanes().stream()
                    .filter(lane -> !lane.lastTrouble().isEmpty())
                    .forEach(lane -> progress.say(lane.name() + ": " + lane.lastTrouble()));
            return report;
        }
    }

    private void restart(Parts parts, String name, List<Double> drained, Report report, Progress progress) {
        long begin = System.nanoTime();
        if (kill) {
            progress.say("SIGKILL to " + name);
            parts.stage().crash(name);
        } else {
            progress.say("SIGTERM to " + name);
            if (parts.stage().drain(name, GRACE).isEmpty()) {
                report.failed(name + " had not ended " + GRACE.toSeconds() + " s after SIGTERM");
            }
        }
        drained.add((System.nanoTime() - begin) / 1e9);
        parts.stage().restart(name);
        progress.say(name + " is ready again");
        pause(STEADY);
    }

    private Thread repeat(String name, Duration pause, Runnable work) {
        return Thread.ofPlatform().daemon().name(name).start(() -> {
            while (working) {
                work.run();
                LockSupport.parkNanos(pause.toNanos());
            }
        });
    }

    private static void join(Thread thread) {
        try {
            thread.join(PATIENCE);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pause(Duration time) {
        Patience.until(time, () -> false);
    }
}
