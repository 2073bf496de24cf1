package io.skywire.local.drill;

import io.skywire.local.Experiment;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import io.skywire.local.SoakStage;
import io.skywire.local.WrongUse;
import io.skywire.local.simulation.SimulatedAgent;
import io.skywire.local.simulation.Swarm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Transfers, churn and kills together for a long time; afterwards everything must take as little as after the warm-up.
@Command(name = "soak", description = "Churn, kills and transfers for a long time; nothing may grow.")
public final class SoakDrill extends Experiment {
    private static final int PORT = 7000;
    private static final Duration LONGEST_PERIOD = Duration.ofSeconds(60);
    private static final Duration SHORTEST_PERIOD = Duration.ofSeconds(20);
    private static final Duration AWAY = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration JOINING = Duration.ofSeconds(120);
    private static final Duration SETTLING = Duration.ofSeconds(60);

    @Option(
            names = "--for",
            converter = SecondsConverter.class,
            description = "how long the trouble lasts (default: 30m)")
    private Duration length = Duration.ofMinutes(30);

    @Option(names = "--agents", description = "how many simulated agents churn (default: 100)")
    private int agents = 100;

    @Option(names = "--seed", description = "of bytes, churn and keys (default: drawn and told)")
    private Optional<Long> seed = Optional.empty();

    @Override
    protected Report run(RunHome home, Progress progress) {
        if (length.compareTo(Duration.ofMinutes(1)) < 0 || length.compareTo(Duration.ofHours(24)) > 0) {
            throw new WrongUse("--for is 1m to 24h");
        }
        if (agents < 10 || agents > 2_000) {
            throw new WrongUse("--agents is 10 to 2000");
        }
        long drawn = seed.orElseGet(System::nanoTime);
        progress.say("seed " + drawn);
        try (SeededSource source = new SeededSource()) {
            Map<Integer, Integer> offer = Map.of(PORT, source.port());
            try (SoakStage stage = SoakStage.start(
                            home, Map.of("n1", offer, "n4", offer, "n7", offer, "n8", offer), progress);
                    Swarm swarm = Swarm.over(
                            new Swarm.Shape(agents, 2, drawn), stage.agents(), stage.serviceKey(), stage.setupKey());
                    SwarmLife life = new SwarmLife(swarm, drawn)) {
                List<SoakLane> lanes = new ArrayList<>();
                try {
                    lanes.add(lane(stage, "n1", "n4", drawn + 1));
                    lanes.add(lane(stage, "n1", "n7", drawn + 2));
                    lanes.add(lane(stage, "n7", "n1", drawn + 3));
                    lanes.add(lane(stage, "n1", "n8", drawn + 4));
                    return soak(new Parts(stage, swarm, life, lanes), progress).put("seed", drawn);
                } finally {
                    lanes.forEach(SoakLane::close);
                }
            }
        }
    }

    private record Parts(SoakStage stage, Swarm swarm, SwarmLife life, List<SoakLane> lanes) {
        void go() {
            life.go();
            lanes.forEach(SoakLane::go);
        }

        /// Nothing moves any more. Says what does all the same.
        List<String> rest() {
            List<String> restless = new ArrayList<>();
            lanes.stream()
                    .filter(lane -> !lane.rest())
                    .forEach(lane -> restless.add("transfer " + lane.name() + " hangs"));
            if (!life.rest()) {
                restless.add("simulated agents wait for answers that do not come");
            }
            return restless;
        }
    }

    private static SoakLane lane(SoakStage stage, String from, String to, long seed) {
        return new SoakLane(from + "<-" + to, () -> stage.connect(from, to, PORT, PATIENCE), seed);
    }

    private Report soak(Parts parts, Progress progress) {
        Report report = new Report();
        Duration warmUp = between(Duration.ofSeconds(40), length.dividedBy(6), Duration.ofMinutes(4));
        Duration quiet = between(Duration.ofSeconds(60), length.dividedBy(3), Duration.ofMinutes(2));
        progress.say("all agents join");
        parts.swarm.start(Duration.ofSeconds(5));
        if (!Patience.until(JOINING, () -> parts.swarm.count(SimulatedAgent.State.AGREED) == agents)) {
            throw new NetworkFailure("only " + parts.swarm.count(SimulatedAgent.State.AGREED) + " of " + agents
                    + " agents have joined after " + JOINING.toSeconds() + " s");
        }
        progress.say("warm-up for " + warmUp.toSeconds() + " s");
        parts.go();
        pause(warmUp);
        parts.rest().forEach(report::failed);
        pause(Duration.ofSeconds(20));
        Growth growth = Growth.from(parts.stage);

        progress.say("kills and churn for " + length.toSeconds() + " s");
        int wholeBefore = sum(parts, SoakLane::whole);
        int brokenBefore = sum(parts, SoakLane::broken);
        int refusedBefore = sum(parts, SoakLane::refused);
        parts.go();
        int kills = trouble(parts, progress);

        progress.say("quiet for " + quiet.toSeconds() + " s");
        parts.rest().forEach(report::failed);
        pause(quiet);
        List<String> orphans = settle(parts, report);

        report.put("for_seconds", length.toSeconds());
        report.atLeast("transfers", sum(parts, SoakLane::whole) - wholeBefore, parts.lanes.size());
        report.atMost("transfers_broken", sum(parts, SoakLane::broken) - brokenBefore, kills);
        report.exactly("sha256_mismatches", sum(parts, SoakLane::mismatches), 0);
        report.put("connects_refused", sum(parts, SoakLane::refused) - refusedBefore);
        report.atLeast("kills", kills, 1);
        growth.tell(parts.stage, report);
        report.exactly("orphan_rules", orphans.size(), 0);
        orphans.stream().limit(5).forEach(report::failed);
        parts.lanes.stream()
                .filter(lane -> !lane.lastTrouble().isEmpty())
                .forEach(lane -> progress.say(lane.name() + ": " + lane.lastTrouble()));
        return report.put("simulated_agents", agents)
                .put("link_changes", parts.life.changes())
                .put("setups_asked", parts.life.asked())
                .put("setups_established", parts.life.established());
    }

    /// One kill after the other until the time is over; answers how many. Whatever was killed is back then.
    private int trouble(Parts parts, Progress progress) {
        Duration period = between(SHORTEST_PERIOD, length.dividedBy(9), LONGEST_PERIOD);
        long begin = System.nanoTime();
        int kills = 0;
        while (true) {
            pause(period.multipliedBy(kills + 1).minus(since(begin)).minus(AWAY));
            if (since(begin).plus(AWAY).compareTo(length) >= 0) {
                pause(length.minus(since(begin)));
                return kills;
            }
            List<String> kind = switch (kills % 3) {
                case 0 -> SoakStage.INTERMEDIARIES;
                case 1 -> SoakStage.CONTROL_PLANES;
                default -> SoakStage.MESSAGING_SERVERS;
            };
            String name = kind.get(kills / 3 % kind.size());
            progress.say("SIGKILL to " + name + " after " + since(begin).toSeconds() + " s; "
                    + sum(parts, SoakLane::whole) + " transfers, " + sum(parts, SoakLane::broken) + " broken");
            parts.stage.crash(name);
            pause(AWAY);
            parts.stage.restart(name);
            kills++;
        }
    }

    /// Waits until every table is the ledger's; what is not.
    private List<String> settle(Parts parts, Report report) {
        AtomicReference<List<String>> unlike = new AtomicReference<>(List.of());
        Patience.until(SETTLING, () -> {
            unlike.set(parts.stage.unlikeTheLedger(parts.life.tables()));
            return unlike.get().isEmpty();
        });
        List<String> away = parts.stage.notLinked();
        if (!away.isEmpty()) {
            report.failed("these nodes lack links or the control plane: " + away);
        }
        int agreed = parts.swarm.count(SimulatedAgent.State.AGREED);
        if (agreed < agents) {
            report.failed("only " + agreed + " of " + agents + " simulated agents have a session");
        }
        return unlike.get();
    }

    private static int sum(Parts parts, java.util.function.ToIntFunction<SoakLane> count) {
        return parts.lanes.stream().mapToInt(count).sum();
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static Duration between(Duration least, Duration wanted, Duration most) {
        return wanted.compareTo(least) < 0 ? least : wanted.compareTo(most) > 0 ? most : wanted;
    }

    private static void pause(Duration time) {
        if (time.isPositive()) {
            Patience.until(time, () -> false);
        }
    }
}
