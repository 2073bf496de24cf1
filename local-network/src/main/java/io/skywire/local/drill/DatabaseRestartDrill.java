package io.skywire.local.drill;

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
import io.skywire.local.simulation.SwarmCounts;
import io.skywire.proto.v1.SetupResult;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// PostgreSQL is stopped for a while and started again, and then killed and started again, under two control planes
/// that register transports and set up routes all the time. Nothing that was acknowledged may be lost, and the
/// control planes must work again without a restart.
@Command(
        name = "database-restart",
        description = "Stops and kills PostgreSQL under two control planes and looks what was lost.")
public final class DatabaseRestartDrill extends Experiment {
    private static final Duration JOINING = Duration.ofSeconds(90);
    private static final Duration RECOVERY = Duration.ofSeconds(60);
    private static final double TARGET_SECONDS = 15;
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration SETUP = Duration.ofSeconds(5);
    private static final int WORKERS = 2;

    @Option(names = "--agents", description = "how many agents (default: 100)")
    private int agents = 100;

    @Option(names = "--away", description = "for how many seconds PostgreSQL is stopped (default: 20)")
    private int away = 20;

    @Option(names = "--before", description = "seconds of work before each fault (default: 8)")
    private int before = 8;

    @Option(names = "--seed", description = "of everything that happens (default: drawn and told)")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--answer-before-commit",
            description =
                    "breaks the control plane on purpose: its transactions do not wait for the disk, so a crash of"
                            + " PostgreSQL loses what was acknowledged")
    private boolean answerBeforeCommit;

    private volatile boolean working = true;

    @Override
    protected Report run(RunHome home, Progress progress) {
        if (agents < 10 || agents > 2000 || away < 1 || away > 120 || before < 1 || before > 120) {
            throw new WrongUse("--agents is 10 to 2000, --away and --before 1 to 120");
        }
        long drawn = seed.orElseGet(System::nanoTime);
        progress.say("seed " + drawn + "; starting two control planes");
        Map<String, String> settings = new HashMap<>(Map.of("skywire.discovery.lease", LEASE.toSeconds() + "s"));
        if (answerBeforeCommit) {
            settings.put(
                    "spring.datasource.hikari.connection-init-sql",
                    "SET statement_timeout = '10s'; SET synchronous_commit = off");
        }
        try (ControlPlaneAlone control = ControlPlaneAlone.start(home, settings)) {
            home.endOnSignal(control::close);
            ControlPlaneAlone.Replica second = control.addReplica();
            if (answerBeforeCommit) {
                writeLate(control);
            }
            List<InetSocketAddress> doors = List.of(control.agents(), second.agents());
            try (Swarm swarm = Swarm.over(
                            new Swarm.Shape(agents, 2, drawn), doors, control.serviceKey(), control.setupKey());
                    AcknowledgedRegistrations registrations = new AcknowledgedRegistrations(new Random(drawn))) {
                Run run = new Run(
                        control,
                        swarm,
                        registrations,
                        List.of(control.http("/"), second.http().resolve("/")),
                        new Random(drawn));
                try {
                    return drill(run, progress).put("agents", agents).put("seed", drawn);
                } finally {
                    working = false;
                }
            }
        }
    }

    private static void writeLate(ControlPlaneAlone control) {
        try (Connection database = control.database();
                Statement statement = database.createStatement()) {
            statement.execute("ALTER SYSTEM SET wal_writer_delay = '10s'");
            statement.execute("SELECT pg_reload_conf()");
        } catch (SQLException refused) {
            throw new NetworkFailure("PostgreSQL cannot be set: " + refused.getMessage());
        }
    }

    /// @param routes what was told to be established: by route, which agent asked
    private record Run(
            ControlPlaneAlone control,
            Swarm swarm,
            AcknowledgedRegistrations registrations,
            List<URI> doors,
            Random random,
            Set<UUID> routes) {
        Run(
                ControlPlaneAlone control,
                Swarm swarm,
                AcknowledgedRegistrations registrations,
                List<URI> doors,
                Random random) {
            this(control, swarm, registrations, doors, random, ConcurrentHashMap.newKeySet());
        }

        /// Sets up a route between two agents near each other. Whether that succeeded.
        boolean setUp() {
            List<SimulatedAgent> all = swarm.agents();
            int from = random.nextInt(all.size());
            int to = (from + 1 + random.nextInt(4)) % all.size();
            try {
                SetupResult result = all.get(from)
                        .setUp(all.get(to).key(), SETUP)
                        .get(SETUP.toMillis() + 2000, TimeUnit.MILLISECONDS);
                if (!result.hasEstablished()) {
                    return false;
                }
                ByteBuffer uid = result.getEstablished().getRoute().asReadOnlyByteBuffer();
                routes.add(new UUID(uid.getLong(), uid.getLong()));
                return true;
            } catch (ExecutionException | TimeoutException unanswered) {
                return false;
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        boolean allAgree() {
            return swarm.count(SimulatedAgent.State.AGREED) == swarm.agents().size();
        }
    }

    private Report drill(Run run, Progress progress) {
        progress.say("all agents join");
        run.swarm().start(Duration.ofSeconds(2));
        if (!Patience.until(JOINING, () -> run.allAgree() && linksAreUp(run))) {
            throw new NetworkFailure("the network did not come up in " + JOINING.toSeconds() + " s");
        }
        if (!Patience.until(JOINING, run::setUp)) {
            throw new NetworkFailure("no route was set up in " + JOINING.toSeconds() + " s");
        }
        List<Long> pids = run.control().pids();
        for (int i = 0; i < WORKERS; i++) {
            URI door = run.doors().get(i % run.doors().size());
            Thread.ofPlatform()
                    .daemon()
                    .name("drill-registers")
                    .start(() -> repeat(() -> run.registrations().register(door)));
            Thread.ofPlatform().daemon().name("drill-sets-up").start(() -> repeat(run::setUp));
        }
        Report report = new Report();
        progress.say("PostgreSQL is stopped for " + away + " s");
        Outcome stopped = fault(run, run.control()::stopDatabase, Duration.ofSeconds(away));
        progress.say("PostgreSQL is killed");
        Outcome killed = fault(run, run.control()::crashDatabase, Duration.ZERO);
        working = false;
        int lost = stopped.lost() + killed.lost();
        boolean recovered = run.control().pids().equals(pids)
                && stopped.seconds().isPresent()
                && killed.seconds().isPresent();
        report.exactly("acknowledged_lost", lost, 0).exactly("recovered_without_restart", recovered, true);
        tell(report, "seconds_to_recover", stopped);
        tell(report, "seconds_to_recover_after_kill", killed);
        return report.atMost("sessions_lost", stopped.sessionsLost() + killed.sessionsLost(), agents / 5.0)
                .exactly("stale_after", staleAfter(run), 0)
                .put(
                        "acknowledged_registrations",
                        run.registrations().acknowledged().size())
                .put("acknowledged_routes", run.routes().size())
                .put("lost_after_stop", stopped.lost())
                .put("lost_after_kill", killed.lost())
                .put("away_seconds", away)
                .put("endings", run.swarm().counts().endings());
    }

    private static void tell(Report report, String key, Outcome outcome) {
        outcome.seconds()
                .ifPresentOrElse(
                        seconds -> report.atMost(key, seconds, TARGET_SECONDS),
                        () -> report.put(key, "never")
                                .failed("no new registration and route within " + RECOVERY.toSeconds() + " s"));
    }

    private void repeat(Runnable work) {
        while (working) {
            work.run();
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    private record Outcome(int lost, Optional<Double> seconds, long sessionsLost) {}

    private Outcome fault(Run run, Runnable fault, Duration away) {
        pause(Duration.ofSeconds(before));
        SwarmCounts counts = run.swarm().counts();
        fault.run();
        Set<UUID> transports = ids(run);
        Set<UUID> routes = new HashSet<>(run.routes());
        pause(away);
        run.control().startDatabase();
        long back = System.nanoTime();
        boolean works = Patience.until(
                RECOVERY,
                () -> run.doors().stream()
                                .allMatch(door ->
                                        run.registrations().register(door).isEmpty())
                        && run.setUp()
                        && run.setUp());
        double seconds = (System.nanoTime() - back) / 1e9;
        long lost = lostSessions(run.swarm().counts().since(counts));
        return new Outcome(
                missing(run, "SELECT id FROM transports WHERE id = ANY (?)", transports)
                        + missing(
                                run,
                                "SELECT uid FROM routes WHERE uid = ANY (?) AND state NOT IN ('REQUESTED',"
                                        + " 'PLANNED', 'INSTALLING', 'PROBING')",
                                routes),
                works ? Optional.of(seconds) : Optional.empty(),
                lost);
    }

    private static long lostSessions(SwarmCounts since) {
        return since.endings().values().stream().mapToLong(Long::longValue).sum();
    }

    private static Set<UUID> ids(Run run) {
        return run.registrations().acknowledged().stream()
                .map(id -> id.uuid())
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static int missing(Run run, String sql, Collection<UUID> wanted) {
        Set<UUID> left = new HashSet<>(wanted);
        try (Connection database = run.control().database();
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

    /// Links of living agents that the discovery calls down after everybody had a lease's time to be heard.
    private static int staleAfter(Run run) {
        pause(LEASE.plusSeconds(5));
        Patience.until(RECOVERY, () -> run.allAgree() && down(run) == 0);
        return down(run);
    }

    private static boolean linksAreUp(Run run) {
        return down(run) == 0;
    }

    private static int down(Run run) {
        List<UUID> links = new ArrayList<>();
        run.swarm().links().forEach(link -> links.add(link.signed().id().uuid()));
        return missing(run, "SELECT id FROM transports WHERE id = ANY (?) AND up", links);
    }

    private static void pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        Patience.until(time, () -> System.nanoTime() >= end);
    }
}
