package io.skywire.local.drill;

import com.google.protobuf.ByteString;
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
import io.skywire.proto.v1.SetupRequest;
import io.skywire.proto.v1.SetupResult;
import io.skywire.shared.rule.RouteUid;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Routes are set up while the replicas that do it are killed in turn, in whatever state the setups are; then what
/// agents hold, what the ledger says and what initiators were told is compared.
@Command(
        name = "replica-crash",
        description = "Kills control planes while they set up routes and looks for what is half done.")
public final class ReplicaCrashDrill extends Experiment {
    private static final double LEAST_SUCCESS = 0.995;
    private static final Duration JOINING = Duration.ofSeconds(90);
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration WINDOW = Duration.ofSeconds(3);
    private static final Duration AROUND_THE_KILL = Duration.ofMillis(400);
    private static final Duration SLOWEST_ANSWER = Duration.ofMillis(120);

    @Option(names = "--agents", description = "how many agents (default: 40)")
    private int agents = 40;

    @Option(names = "--setups", description = "how many routes are asked for (default: 500)")
    private int setups = 500;

    @Option(names = "--kills", description = "how many replicas are killed (default: 8)")
    private int kills = 8;

    @Option(names = "--deadline", description = "how many seconds an initiator waits (default: 20)")
    private int deadline = 20;

    @Option(names = "--seed", description = "of everything that happens (default: drawn and told)")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--no-recovery",
            description = "breaks the control planes on purpose: none ends what another left; the drill must fail")
    private boolean noRecovery;

    /// One request and how it went.
    private record Asked(SimulatedAgent initiator, SetupRequest request, long at, CompletableFuture<Answered> answer) {}

    /// @param works whether data passed both ways at the moment of the answer
    private record Answered(SetupResult result, double millis, boolean works) {
        Optional<RouteUid> route() {
            return result.hasEstablished()
                    ? Optional.of(RouteUid.of(result.getEstablished().getRoute().toByteArray()))
                    : Optional.empty();
        }
    }

    @Override
    protected Report run(RunHome home, Progress progress) {
        if (agents < 10 || agents > 500 || setups < kills || setups > 20_000 || kills < 1 || kills > 100) {
            throw new WrongUse("--agents is 10 to 500, --kills 1 to 100, --setups --kills to 20000");
        }
        if (deadline < 10 || deadline > 30) {
            throw new WrongUse("--deadline is 10 to 30");
        }
        long drawn = seed.orElseGet(System::nanoTime);
        Map<String, String> settings = new HashMap<>();
        settings.put("skywire.discovery.lease", LEASE.toSeconds() + "s");
        if (noRecovery) {
            settings.put("skywire.setup.recovery", "NOBODY");
        }
        progress.say("seed " + drawn + "; starting two control planes");
        try (ControlPlaneAlone control = ControlPlaneAlone.start(home, settings)) {
            home.endOnSignal(control::close);
            ControlPlaneAlone.Replica second = control.addReplica();
            try (Swarm swarm = Swarm.over(
                    new Swarm.Shape(agents, 2, drawn),
                    List.of(control.agents(), second.agents()),
                    control.serviceKey(),
                    control.setupKey())) {
                return drill(control, swarm, new Random(drawn), progress).put("seed", drawn);
            }
        }
    }

    private Report drill(ControlPlaneAlone control, Swarm swarm, Random random, Progress progress) {
        RouteAudit audit = new RouteAudit(control, swarm);
        progress.say("all agents join");
        swarm.agents().forEach(agent -> agent.answerAfter(SLOWEST_ANSWER));
        swarm.start(Duration.ofSeconds(2));
        if (!Patience.until(
                JOINING,
                () -> swarm.count(SimulatedAgent.State.AGREED) == agents
                        && audit.links() == swarm.links().size())) {
            throw new NetworkFailure("not all agents joined within " + JOINING.toSeconds() + " s");
        }
        List<Asked> asked = new ArrayList<>();
        for (int kill = 0; kill < kills; kill++) {
            int quota = setups * (kill + 1) / kills - setups * kill / kills;
            int victim = random.nextInt(2);
            progress.say("killing replica " + (victim + 1) + ", " + (kill + 1) + " of " + kills);
            round(control, swarm, random, quota, victim, asked);
        }
        progress.say("waiting for the last answers");
        CompletableFuture<Void> all =
                CompletableFuture.allOf(asked.stream().map(Asked::answer).toArray(CompletableFuture<?>[]::new));
        if (!Patience.until(Duration.ofSeconds(deadline + 10), all::isDone)) {
            throw new NetworkFailure("requests were not answered, not even by their own deadline");
        }
        progress.say("waiting at most one lease");
        long since = System.nanoTime();
        boolean clean = Patience.until(LEASE, () -> audit.halfInstalled() == 0);
        double secondsToClean = (System.nanoTime() - since) / 1e9;
        try {
            Report report = judge(swarm, asked, audit);
            return clean ? report.put("seconds_to_clean", secondsToClean) : report.put("seconds_to_clean", "never");
        } catch (SQLException away) {
            throw new NetworkFailure("the ledger cannot be read: " + away.getMessage());
        }
    }

    /// Asks for `quota` routes in a few seconds, most of them around the moment of the kill.
    private void round(
            ControlPlaneAlone control, Swarm swarm, Random random, int quota, int victim, List<Asked> asked) {
        long begin = System.nanoTime();
        long killAt = WINDOW.toNanos() / 4 + random.nextLong(WINDOW.toNanos() / 2);
        List<Long> moments = new ArrayList<>();
        for (int i = 0; i < quota; i++) {
            moments.add(
                    random.nextInt(10) < 7
                            ? killAt - AROUND_THE_KILL.toNanos() + random.nextLong(2 * AROUND_THE_KILL.toNanos())
                            : random.nextLong(WINDOW.toNanos()));
        }
        moments.sort(null);
        boolean killed = false;
        for (long moment : moments) {
            if (!killed && moment >= killAt) {
                until(begin + killAt);
                control.crash(victim);
                killed = true;
            }
            until(begin + moment);
            asked.add(ask(swarm, random));
        }
        if (!killed) {
            until(begin + killAt);
            control.crash(victim);
        }
        control.restart(victim);
    }

    private static void until(long nanos) {
        Patience.until(WINDOW.multipliedBy(2), () -> System.nanoTime() - nanos >= 0);
    }

    private Asked ask(Swarm swarm, Random random) {
        int from = random.nextInt(agents);
        int to = (from + 1 + random.nextInt(agents - 1)) % agents;
        SimulatedAgent initiator = swarm.agents().get(from);
        SetupRequest request = SetupRequest.newBuilder()
                .setRequestId(sixteen(random))
                .setSession(sixteen(random))
                .setDestination(ByteString.copyFrom(swarm.agents().get(to).key().bytes()))
                .setDeadlineMs(deadline * 1000)
                .build();
        long at = System.nanoTime();
        CompletableFuture<Answered> answer = initiator
                .setUp(request)
                .thenApplyAsync(result -> new Answered(
                        result,
                        (System.nanoTime() - at) / 1e6,
                        !result.hasEstablished()
                                || swarm.roads()
                                        .leadsBothWays(
                                                initiator,
                                                RouteUid.of(result.getEstablished()
                                                        .getRoute()
                                                        .toByteArray()))));
        return new Asked(initiator, request, at, answer);
    }

    private static ByteString sixteen(Random random) {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    private Report judge(Swarm swarm, List<Asked> asked, RouteAudit audit) throws SQLException {
        int established = 0;
        int dead = 0;
        Map<String, Integer> failures = new HashMap<>();
        List<Double> millis = new ArrayList<>();
        for (Asked one : asked) {
            Answered answered = one.answer().join();
            if (answered.route().isEmpty()) {
                failures.merge(
                        answered.result().getFailure().getReason() + ": "
                                + answered.result().getFailure().getDetail(),
                        1,
                        Integer::sum);
                continue;
            }
            established++;
            millis.add(answered.millis());
            if (!answered.works()
                    || !swarm.roads()
                            .leadsBothWays(one.initiator(), answered.route().get())) {
                dead++;
            }
        }
        millis.sort(null);
        return new Report()
                .put("setups", asked.size())
                .put("kills", kills)
                .put("agents", agents)
                .exactly("half_installed_after_lease", audit.halfInstalled(), 0)
                .exactly("answered_success_but_dead", dead, 0)
                .exactly("duplicates", audit.sessionsWithSeveralRoutes() + changedAnswers(asked), 0)
                .atLeast("success_fraction", (double) established / asked.size(), LEAST_SUCCESS)
                .put("established", established)
                .put("taken_back_or_over", audit.plansReplaced())
                .put("p50_ms", percentile(millis, 0.5))
                .put("p99_ms", percentile(millis, 0.99))
                .put("longest_ms", percentile(millis, 1))
                .put("deadline_ms", deadline * 1000)
                .put("lease_seconds", LEASE.toSeconds())
                .put("recovery", noRecovery ? "off" : "on")
                .put("failures", failures);
    }

    /// The same id again must get the same answer.
    private static int changedAnswers(List<Asked> asked) {
        int changed = 0;
        for (Asked one : asked) {
            Optional<RouteUid> before = one.answer().join().route();
            if (before.isPresent()) {
                SetupResult again = one.initiator()
                        .setUp(one.request())
                        .completeOnTimeout(SetupResult.getDefaultInstance(), 30, TimeUnit.SECONDS)
                        .join();
                ByteString route = again.getEstablished().getRoute();
                if (!route.equals(ByteString.copyFrom(before.get().bytes()))) {
                    changed++;
                }
            }
        }
        return changed;
    }

    private static double percentile(List<Double> sorted, double fraction) {
        return sorted.isEmpty()
                ? -1
                : sorted.get((int) Math.min(sorted.size() - 1, Math.ceil(fraction * sorted.size()) - 1));
    }
}
