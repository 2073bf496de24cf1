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
import io.skywire.local.simulation.SwarmCounts;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// All agents lose their control plane at once and come back: how long until every session is there again and every
/// lease has been renewed, as the control plane's own counters and its database tell, and what it cost.
@Command(
        name = "rejoin",
        description = "Kills a control plane under thousands of agents and measures how they come back.")
public final class RejoinBench extends Experiment {
    private static final double TARGET_SECONDS = 60;
    private static final double TARGET_REQUESTS = 3;
    private static final Duration JOINING = Duration.ofSeconds(240);
    private static final Duration REJOINING = Duration.ofSeconds(180);
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Pattern SESSIONS = Pattern.compile("(?m)^skywire_agent_sessions(?:\\{[^}]*})? ([0-9.E]+)$");

    @Option(names = "--agents", description = "how many agents (default: 5000)")
    private int agents = 5000;

    @Option(names = "--links-ahead", description = "links to the next agents; each has twice as many (default: 2)")
    private int linksAhead = 2;

    @Option(names = "--seed", description = "of keys and pauses (default: drawn and told)")
    private Optional<Long> seed = Optional.empty();

    private final InstantSource clock = InstantSource.system();

    @Override
    protected Report run(RunHome home, Progress progress) {
        if (agents < 10 || agents > 20_000 || linksAhead < 1 || linksAhead > 4) {
            throw new WrongUse("--agents is 10 to 20000 and --links-ahead 1 to 4");
        }
        long drawn = seed.orElseGet(System::nanoTime);
        progress.say("starting a control plane");
        try (ControlPlaneAlone control =
                ControlPlaneAlone.start(home, Map.of("skywire.discovery.lease", LEASE.toSeconds() + "s"))) {
            home.endOnSignal(control::close);
            progress.say("making " + agents + " agents");
            try (Swarm swarm = Swarm.of(
                    new Swarm.Shape(agents, linksAhead, drawn),
                    control.agents(),
                    control.serviceKey(),
                    control.setupKey(),
                    agent -> false)) {
                return measure(control, swarm, progress, drawn);
            }
        }
    }

    private Report measure(ControlPlaneAlone control, Swarm swarm, Progress progress, long drawn) {
        int views = 2 * swarm.links().size();
        progress.say("all join");
        Instant joining = clock.instant();
        swarm.start(Duration.ofMillis(4L * agents));
        Watch watch = new Watch(control, swarm, views);
        if (!Patience.until(JOINING, () -> watch.allThere(joining))) {
            throw new NetworkFailure("not all joined in " + JOINING.toSeconds() + " s: " + watch.last());
        }
        double joinSeconds = seconds(joining);
        progress.say("killing the control plane");
        SwarmCounts before = swarm.counts();
        Duration agentsBefore = cpu(ProcessHandle.current().pid());
        Instant killed = clock.instant();
        control.crash();
        control.restart();
        control.awaitReady();
        double readySeconds = seconds(killed);
        Duration startCpu = cpu(control.pid());
        progress.say("all come back");
        boolean back = Patience.until(REJOINING, () -> watch.allThere(killed.plus(LEASE)));
        double seconds = seconds(killed);
        Duration controlCpu = cpu(control.pid());
        Duration agentsCpu = cpu(ProcessHandle.current().pid()).minus(agentsBefore);
        SwarmCounts after = swarm.counts().since(before);
        Report report = new Report()
                .put("agents", agents)
                .put("transports", swarm.links().size())
                .atMost("seconds", seconds, TARGET_SECONDS)
                .put("seconds_until_ready", readySeconds)
                .put("seconds_after_ready", seconds - readySeconds)
                .exactly("errors_5xx", after.serverErrors(), 0L)
                .atMost(
                        "requests_per_agent",
                        (double) (after.opens() + after.registrations()) / agents,
                        TARGET_REQUESTS)
                .put("opens", after.opens())
                .put("registrations", after.registrations())
                .put("agreed_by_digest", after.agreements())
                .put("refusals_4xx", after.refusals())
                .put("told_to_wait", after.toldToWait())
                .put("refused_connects", after.refusedConnects())
                .put("connections_cut", after.cuts())
                .exactly("sessions", watch.sessions, (long) agents)
                .exactly("leases_renewed", watch.leases, (long) views)
                .put("first_join_seconds", joinSeconds)
                .put("control_plane_start_cpu_seconds", startCpu.toMillis() / 1000.0)
                .put(
                        "control_plane_rejoin_cpu_seconds",
                        controlCpu.minus(startCpu).toMillis() / 1000.0)
                .put("agents_cpu_seconds", agentsCpu.toMillis() / 1000.0)
                .put(
                        "machine_load",
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage())
                .put("seed", drawn)
                .put("endings", after.endings());
        if (!back) {
            report.failed("not all were back after " + REJOINING.toSeconds() + " s: " + watch.last());
        }
        return report;
    }

    /// Processor time that a process has used so far; zero where the machine does not tell.
    private static Duration cpu(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .orElse(Duration.ZERO);
    }

    private double seconds(Instant since) {
        return Duration.between(since, clock.instant()).toMillis() / 1000.0;
    }

    /// Asks the control plane and its database, not the agents.
    private static final class Watch {
        private static final Duration ANSWER = Duration.ofSeconds(10);

        private final ControlPlaneAlone control;
        private final Swarm swarm;
        private final int views;
        private final HttpClient http =
                HttpClient.newBuilder().connectTimeout(ANSWER).build();
        private long sessions;
        private long leases;

        Watch(ControlPlaneAlone control, Swarm swarm, int views) {
            this.control = control;
            this.swarm = swarm;
            this.views = views;
        }

        /// Whether every agent has a session and every view a lease that ends after `leasesUntil`: no later renewal
        /// than one lease before that can have given it.
        boolean allThere(Instant leasesUntil) {
            if (swarm.count(SimulatedAgent.State.AGREED) < swarm.agents().size()) {
                return false;
            }
            try {
                sessions = sessions();
                leases = leases(leasesUntil);
            } catch (IOException | SQLException notNow) {
                return false;
            }
            return sessions == swarm.agents().size() && leases == views;
        }

        String last() {
            return swarm.count(SimulatedAgent.State.AGREED) + " agents agree, " + sessions + " sessions, " + leases
                    + " of " + views + " leases";
        }

        private long sessions() throws IOException {
            HttpRequest request = HttpRequest.newBuilder(control.http("/actuator/prometheus"))
                    .timeout(ANSWER)
                    .build();
            try {
                Matcher found = SESSIONS.matcher(
                        http.send(request, HttpResponse.BodyHandlers.ofString()).body());
                return found.find() ? (long) Double.parseDouble(found.group(1)) : 0;
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", ended);
            }
        }

        private long leases(Instant until) throws SQLException {
            try (Connection database = control.database();
                    PreparedStatement statement = database.prepareStatement(
                            "SELECT count(*) FROM transport_views WHERE state = 'UP' AND lease_until > ?")) {
                statement.setTimestamp(1, Timestamp.from(until));
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    return row.getLong(1);
                }
            }
        }
    }
}
