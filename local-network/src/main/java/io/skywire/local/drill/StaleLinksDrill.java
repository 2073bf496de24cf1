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
import io.skywire.shared.transport.TransportId;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Links go up and down at random and agents die without a goodbye; then the discovery is compared with what is true.
///
/// The neighbours of a dead agent notice nothing and go on to call the link up, so that only its own lease can tell.
@Command(
        name = "stale-links",
        description = "Breaks links and agents at random and compares the discovery with reality.")
public final class StaleLinksDrill extends Experiment {
    private static final double MOST_STALE = 0.001;
    private static final Duration JOINING = Duration.ofSeconds(60);
    private static final Duration LEASE = Duration.ofSeconds(30);

    @Option(names = "--agents", description = "how many agents (default: 200)")
    private int agents = 200;

    @Option(names = "--killed", description = "how many die without a goodbye (default: 20)")
    private int killed = 20;

    @Option(names = "--seconds", description = "how long links change (default: 60)")
    private int seconds = 60;

    @Option(names = "--seed", description = "of everything that happens (default: drawn and told)")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--control-plane-lease",
            description = "breaks the control plane on purpose: it keeps what is dead for so many seconds (default: the"
                    + " lease of 30 that the drill judges by)")
    private long controlPlaneLease = LEASE.toSeconds();

    @Override
    protected Report run(RunHome home, Progress progress) {
        if (agents < 20 || agents > 5000 || killed < 0 || killed > agents / 2 || seconds < 5 || seconds > 600) {
            throw new WrongUse("--agents is 20 to 5000, --killed at most half of them, --seconds 5 to 600");
        }
        long drawn = seed.orElseGet(System::nanoTime);
        progress.say("seed " + drawn + "; starting a control plane");
        try (ControlPlaneAlone control =
                ControlPlaneAlone.start(home, Map.of("skywire.discovery.lease", controlPlaneLease + "s"))) {
            home.endOnSignal(control::close);
            Random random = new Random(drawn);
            Set<Integer> doomed = new HashSet<>();
            while (doomed.size() < killed) {
                doomed.add(random.nextInt(agents));
            }
            try (Swarm swarm = Swarm.of(
                    new Swarm.Shape(agents, 3, drawn),
                    control.agents(),
                    control.serviceKey(),
                    control.setupKey(),
                    doomed::contains)) {
                return drill(control, swarm, random, doomed, progress).put("seed", drawn);
            }
        }
    }

    private Report drill(
            ControlPlaneAlone control, Swarm swarm, Random random, Set<Integer> doomed, Progress progress) {
        progress.say("all agents join");
        DiscoveryReader discovery = new DiscoveryReader(control, random);
        swarm.start(Duration.ofSeconds(2));
        Churn churn = new Churn(swarm, random, doomed);
        Patience.until(
                JOINING,
                () -> swarm.count(SimulatedAgent.State.AGREED) == agents
                        && churn.reality().equals(discovery.listedOrNothing()));
        if (!churn.reality().equals(discovery.listedOrNothing())) {
            throw new NetworkFailure("the discovery did not list all links within " + JOINING.toSeconds() + " s");
        }
        progress.say("links change and agents die for " + seconds + " s");
        churn.run(Duration.ofSeconds(seconds));
        long lastChange = System.nanoTime();

        progress.say("waiting one lease");
        Set<TransportId> truth = churn.reality();
        double secondsToTruth = -1;
        while (System.nanoTime() - lastChange < LEASE.toNanos()) {
            boolean same = truth.equals(discovery.listedOrNothing());
            if (same && secondsToTruth < 0) {
                secondsToTruth = (System.nanoTime() - lastChange) / 1e9;
            } else if (!same) {
                secondsToTruth = -1;
            }
            Patience.until(Duration.ofMillis(100), () -> System.nanoTime() - lastChange >= LEASE.toNanos());
        }
        try {
            return judge(truth, discovery, swarm, churn, secondsToTruth);
        } catch (IOException away) {
            throw new NetworkFailure("the discovery cannot be read: " + away.getMessage());
        }
    }

    private Report judge(
            Set<TransportId> truth, DiscoveryReader discovery, Swarm swarm, Churn churn, double secondsToTruth)
            throws IOException {
        Set<TransportId> listed = discovery.listed();
        Map<TransportId, Integer> byEdge = new HashMap<>();
        for (SimulatedAgent agent : swarm.agents()) {
            discovery.ofEdge(agent.key()).forEach(id -> byEdge.merge(id, 1, Integer::sum));
        }
        Set<TransportId> stale = new HashSet<>(listed);
        stale.addAll(byEdge.keySet());
        int told = stale.size();
        stale.removeAll(truth);
        Set<TransportId> missing = new HashSet<>(truth);
        missing.removeIf(id -> listed.contains(id) && byEdge.getOrDefault(id, 0) == 2);
        SwarmCounts counts = swarm.counts();
        Report report = new Report()
                .atMost("stale_fraction", told == 0 ? 0 : (double) stale.size() / told, MOST_STALE)
                .exactly("missing_fraction", truth.isEmpty() ? 1.0 : (double) missing.size() / truth.size(), 0.0);
        if (secondsToTruth >= 0) {
            report.atMost("seconds_to_truth", secondsToTruth, LEASE.toSeconds());
        } else {
            report.put("seconds_to_truth", "never").failed("the discovery did not tell the truth within one lease");
        }
        return report.put("links_up", truth.size())
                .put("links_listed", listed.size())
                .put("stale", stale.size())
                .put("missing", missing.size())
                .put("changes", churn.changes())
                .put("agents", agents)
                .put("killed_silently", churn.killedSilently())
                .put("killed_by_reset", churn.killedByReset())
                .put("lease_seconds", LEASE.toSeconds())
                .put("control_plane_lease_seconds", controlPlaneLease)
                .exactly("errors_5xx", counts.serverErrors(), 0L)
                .put("endings", counts.endings());
    }
}
