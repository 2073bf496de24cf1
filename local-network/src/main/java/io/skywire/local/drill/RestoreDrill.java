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
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.Rule;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// PostgreSQL is copied under load, goes on for a while, is destroyed, and comes back from the copy: what the copy held
/// must be there, and agents, whose rules are newer than the ledger now, must come to agree with it again.
@Command(name = "restore", description = "Destroys PostgreSQL under load and restores it from a copy.")
public final class RestoreDrill extends Experiment {
    private static final int PORT = 7000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration RECOVERY = Duration.ofSeconds(120);
    private static final Duration SETTLING = Duration.ofSeconds(60);
    private static final double TARGET_SECONDS = 90;
    private static final Duration REGISTERS_EVERY = Duration.ofMillis(40);

    @Option(names = "--agents", description = "how many simulated agents (default: 60)")
    private int agents = 60;

    @Option(names = "--before", description = "seconds of work before each copy (default: 8)")
    private int before = 8;

    @Option(names = "--after", description = "seconds of work that the copy does not hold (default: 8)")
    private int after = 8;

    @Option(names = "--seed", description = "of everything that happens (default: drawn and told)")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--older-copy",
            description = "restores the copy before the newest one on purpose: the drill must fail")
    private boolean olderCopy;

    private volatile boolean working = true;
    private final AtomicInteger restarted = new AtomicInteger();

    @Override
    protected Report run(RunHome home, Progress progress) {
        if (agents < 10 || agents > 500 || before < 1 || before > 120 || after < 1 || after > 120) {
            throw new WrongUse("--agents is 10 to 500, --before and --after 1 to 120");
        }
        long drawn = seed.orElseGet(System::nanoTime);
        progress.say("seed " + drawn);
        try (SeededSource source = new SeededSource()) {
            Map<Integer, Integer> offer = Map.of(PORT, source.port());
            try (SoakStage stage = SoakStage.start(home, Map.of("n4", offer, "n7", offer), progress);
                    Swarm swarm = Swarm.over(
                            new Swarm.Shape(agents, 2, drawn), stage.agents(), stage.serviceKey(), stage.setupKey());
                    Balancer balancer = new Balancer(stage::doors);
                    AcknowledgedRegistrations registrations = new AcknowledgedRegistrations(new Random(drawn));
                    SoakLane near = lane(stage, "n1", "n4", drawn + 1);
                    SoakLane far = lane(stage, "n1", "n7", drawn + 2)) {
                Parts parts = new Parts(stage, swarm, balancer, registrations, List.of(near, far));
                try {
                    return restore(parts, drawn, progress).put("agents", agents).put("seed", drawn);
                } finally {
                    working = false;
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
            Balancer balancer,
            AcknowledgedRegistrations registrations,
            List<SoakLane> lanes) {
        Set<UUID> transports() {
            return registrations.acknowledged().stream().map(id -> id.uuid()).collect(Collectors.toSet());
        }
    }

    /// What was acknowledged up to a moment.
    private record Acknowledged(Set<UUID> transports, Set<UUID> routes) {}

    private Report restore(Parts parts, long drawn, Progress progress) {
        progress.say("all agents join");
        Joining.join(parts.stage(), parts.swarm());
        parts.lanes().forEach(SoakLane::go);
        Report report = new Report();
        try (SteadySetups setups = new SteadySetups(parts.swarm(), drawn, SteadySetups.Inquest.NONE)) {
            Thread registers = Thread.ofPlatform().daemon().name("registers").start(() -> {
                while (working) {
                    parts.registrations().register(parts.balancer().uri());
                    LockSupport.parkNanos(REGISTERS_EVERY.toNanos());
                }
            });
            AtomicReference<Acknowledged> held = new AtomicReference<>();
            List<Double> copied = new ArrayList<>();
            for (String copy : List.of("older", "newest")) {
                pause(Duration.ofSeconds(before));
                progress.say("copying PostgreSQL while it works");
                long begin = System.nanoTime();
                parts.stage().backUp(copy, () -> held.set(new Acknowledged(parts.transports(), setups.established())));
                copied.add((System.nanoTime() - begin) / 1e9);
            }
            pause(Duration.ofSeconds(after));
            Acknowledged known = held.get();
            int later = parts.transports().size() - known.transports().size();
            int laterRoutes = setups.established().size() - known.routes().size();

            progress.say("PostgreSQL is destroyed");
            long destroyed = System.nanoTime();
            parts.stage().destroyDatabase();
            Thread orchestrator = orchestrate(parts.stage());
            progress.say("PostgreSQL is restored");
            parts.stage().restoreDatabase(olderCopy ? "older" : "newest");
            double restored = (System.nanoTime() - destroyed) / 1e9;
            boolean works = Patience.until(
                    RECOVERY,
                    () -> restarted.get() == SoakStage.CONTROL_PLANES.size()
                            && parts.swarm().count(SimulatedAgent.State.AGREED) == agents
                            && parts.stage().notLinked().isEmpty()
                            && parts.registrations()
                                    .register(parts.balancer().uri())
                                    .isEmpty()
                            && setups.establishesAnother(Duration.ofSeconds(5)));
            double seconds = (System.nanoTime() - destroyed) / 1e9;
            if (!works) {
                report.failed("the network did not work again within " + RECOVERY.toSeconds() + " s");
            }
            pause(Duration.ofSeconds(before));
            working = false;
            join(registers);
            join(orchestrator);
            if (!setups.rest()) {
                report.failed("some setups were never answered");
            }
            parts.lanes().stream().filter(lane -> !lane.rest()).forEach(lane -> report.failed(lane.name() + " hangs"));

            progress.say("waiting until every table is the ledger's");
            long since = System.nanoTime();
            AtomicReference<List<String>> unlike = new AtomicReference<>(List.of());
            Patience.until(SETTLING, () -> {
                unlike.set(unlikeTheLedger(parts));
                return unlike.get().isEmpty();
            });
            double settled = (System.nanoTime() - since) / 1e9;
            int lostTransports = missing(parts, "SELECT id FROM transports WHERE id = ANY (?)", known.transports());
            int lostRoutes = missing(
                    parts,
                    "SELECT uid FROM routes WHERE uid = ANY (?)"
                            + " AND state NOT IN ('REQUESTED', 'PLANNED', 'INSTALLING', 'PROBING')",
                    known.routes());
            unlike.get().stream().limit(5).forEach(report::failed);
            return report.exactly("lost_acknowledged", lostTransports + lostRoutes, 0)
                    .exactly("rules_unlike_ledger", unlike.get().size(), 0)
                    .atMost("seconds", seconds, TARGET_SECONDS)
                    .exactly("control_planes_restarted", restarted.get(), SoakStage.CONTROL_PLANES.size())
                    .exactly(
                            "transfers_broken",
                            parts.lanes().stream()
                                    .mapToInt(lane -> lane.broken() + lane.mismatches())
                                    .sum(),
                            0)
                    .put("held_registrations", known.transports().size())
                    .put("held_routes", known.routes().size())
                    .put("registrations_after_copy", later)
                    .put("routes_after_copy", laterRoutes)
                    .put("lost_registrations", lostTransports)
                    .put("lost_routes", lostRoutes)
                    .put("copied_seconds", copied)
                    .put("database_back_seconds", restored)
                    .put("settled_seconds", settled)
                    .put("setups", setups.asked())
                    .put("failed_setups", setups.failed())
                    .put("failures", setups.failures())
                    .put(
                            "transfers_whole",
                            parts.lanes().stream().mapToInt(SoakLane::whole).sum());
        }
    }

    /// Starts control planes again that have ended by themselves, as an orchestrator does.
    private Thread orchestrate(SoakStage stage) {
        return Thread.ofPlatform().daemon().name("orchestrator").start(() -> {
            while (working) {
                for (String ended : stage.endedControlPlanes()) {
                    try {
                        stage.restart(ended);
                        restarted.incrementAndGet();
                    } catch (NetworkFailure notYet) {
                        // PostgreSQL is not back: it has ended again and is started again
                    }
                }
                pause(Duration.ofMillis(200));
            }
        });
    }

    private static List<String> unlikeTheLedger(Parts parts) {
        Map<PublicKey, Collection<Rule>> tables = new HashMap<>();
        parts.swarm().agents().forEach(agent -> tables.put(agent.key(), agent.rules()));
        return parts.stage().unlikeTheLedger(tables);
    }

    private static int missing(Parts parts, String sql, Set<UUID> wanted) {
        Set<UUID> left = new HashSet<>(wanted);
        try (Connection database = parts.stage().database();
                PreparedStatement statement = database.prepareStatement(sql)) {
            statement.setArray(1, database.createArrayOf("uuid", wanted.toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    left.remove(rows.getObject(1, UUID.class));
                }
            }
        } catch (SQLException unreadable) {
            throw new NetworkFailure("PostgreSQL cannot be read: " + unreadable.getMessage());
        }
        return left.size();
    }

    private static void join(Thread thread) {
        try {
            thread.join(PATIENCE.multipliedBy(3));
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pause(Duration time) {
        Patience.until(time, () -> false);
    }
}
