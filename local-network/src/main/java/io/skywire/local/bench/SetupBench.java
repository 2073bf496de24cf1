package io.skywire.local.bench;

import io.skywire.local.ControlPlaneAlone;
import io.skywire.local.Experiment;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import io.skywire.local.WrongUse;
import io.skywire.local.bench.QuestionLoad.Answered;
import io.skywire.local.simulation.SimulatedAgent;
import io.skywire.local.simulation.Swarm;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Route setups on a real control plane and its PostgreSQL with simulated agents: how many a second, how long one takes
/// at low load, how many round trips to the nodes it needs, and where its time goes. What each figure counts:
/// docs/benchmarks/setup.md.
@Command(name = "setup", description = "Route setups: how many a second, how long one takes, and where its time goes.")
final class SetupBench extends Experiment {
    private static final double TARGET_PER_SECOND = 300;
    private static final double TARGET_P50_MS = 10;
    private static final double TARGET_OVER_RTT = 1.5;
    private static final Duration ADDED = Duration.ofMillis(50);
    private static final Duration JOINING = Duration.ofSeconds(120);
    private static final Duration WINDOW = Duration.ofSeconds(5);
    private static final int MOST_WINDOWS = 12;
    private static final double STEADY = 0.1;
    private static final double LOW_LOAD = 0.1;

    /// As long as the control plane's percentiles reach back, and a little more.
    private static final Duration AT_LOW_LOAD = Duration.ofSeconds(33);

    @Option(names = "--agents", description = "default: ${DEFAULT-VALUE}", defaultValue = "400")
    private int agents;

    @Option(names = "--parallel", description = "setups at a time; default: ${DEFAULT-VALUE}", defaultValue = "48")
    private int parallel;

    @Option(names = "--seconds", description = "of measured throughput; default: ${DEFAULT-VALUE}", defaultValue = "20")
    private int seconds;

    @Option(
            names = "--distant",
            description = "setups with slow agents; default: ${DEFAULT-VALUE}",
            defaultValue = "50")
    private int distant;

    @Option(names = "--seed", description = "of keys and routes (default: drawn and told)")
    private Optional<Long> seed = Optional.empty();

    @Override
    protected Report run(RunHome home, Progress progress) {
        if (agents < 20 || agents > 10_000 || parallel < 1 || parallel > 512 || seconds < 1 || distant < 1) {
            throw new WrongUse("--agents is 20 to 10000, --parallel 1 to 512, --seconds and --distant at least 1");
        }
        long drawn = seed.orElseGet(System::nanoTime);
        try (ControlPlaneAlone control =
                progress.step("control plane and PostgreSQL start", () -> ControlPlaneAlone.start(home, Map.of()))) {
            home.endOnSignal(control::close);
            // Links to the next two: a route of 3 to 8 places ahead has 2 to 4 hops.
            try (Swarm swarm = Swarm.of(
                    new Swarm.Shape(agents, 2, drawn),
                    control.agents(),
                    control.serviceKey(),
                    control.setupKey(),
                    agent -> false)) {
                progress.say(agents + " agents join");
                swarm.start(Duration.ofMillis(4L * agents));
                if (!Patience.until(JOINING, () -> swarm.count(SimulatedAgent.State.AGREED) == agents)) {
                    throw new NetworkFailure("not all agents have their sessions after " + JOINING.toSeconds() + " s");
                }
                return measure(control, new SetupLoad(swarm, drawn), progress, drawn);
            }
        }
    }

    private Report measure(ControlPlaneAlone control, SetupLoad load, Progress progress, long drawn) {
        load.awaitRoutes(JOINING);
        Report report = new Report().put("agents", agents).put("parallel", parallel);
        double perSecond = throughput(control, load, progress, report);
        PhaseTimes phases = new PhaseTimes(control.http("/actuator/prometheus"));
        Answered quiet = progress.step(
                "setups at a tenth of that", () -> load.paced(Math.max(1, LOW_LOAD * perSecond), AT_LOW_LOAD));
        report.put("low_load_per_second", quiet.perSecond())
                .put("low_load_setups", quiet.nanos().length)
                .atMost("p50_ms", quiet.millis(0.5), TARGET_P50_MS)
                .put("p99_ms", quiet.millis(0.99))
                .put("timeline", phases.medianMicros());
        SetupLoad.Distant far = progress.step(
                "setups with " + ADDED.toMillis() + " ms between control plane and agents",
                () -> load.oneByOne(ADDED, distant));
        report.put("agent_rtt_ms", ADDED.toMillis())
                .exactly("round_trips", far.roundTrips(), 1L)
                .atMost(
                        "p50_over_slowest_agent_rtt",
                        far.atControlPlane().millis(0.5) / ADDED.toMillis(),
                        TARGET_OVER_RTT)
                .put("p50_as_the_initiator_sees_it_over_rtt", far.seen().millis(0.5) / ADDED.toMillis())
                .exactly("errors", load.errors(), 0L)
                .put("first_errors", load.firstErrors())
                .put("mean_hops", load.meanHops())
                .put("setups", load.setups())
                .put(
                        "machine_load",
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage())
                .put("seed", drawn);
        return report;
    }

    private double throughput(ControlPlaneAlone control, SetupLoad load, Progress progress, Report report) {
        try (QuestionLoad lanes = new QuestionLoad(parallel, load::lane)) {
            double before = 0;
            for (int window = 0; window < MOST_WINDOWS; window++) {
                double now =
                        progress.step("warm-up", () -> lanes.askFor(WINDOW)).perSecond();
                if (Math.abs(now - before) < STEADY * now && window >= 4) {
                    break;
                }
                before = now;
            }
            load.awaitClosed();
            CpuWatch processors = new CpuWatch(control);
            Duration allBefore = processors.all();
            Duration controlBefore = cpu(control.pid());
            Duration agentsBefore = cpu(ProcessHandle.current().pid());
            long start = System.nanoTime();
            Answered full = progress.step("setups at full load", () -> lanes.askFor(Duration.ofSeconds(seconds)));
            // Their closing belongs to the work.
            load.awaitClosed();
            double took = (System.nanoTime() - start) / 1e9;
            int done = full.nanos().length;
            double perSecond = done / took;
            report.atLeast("setups_per_second", perSecond, TARGET_PER_SECOND)
                    .put("full_load_p50_ms", full.millis(0.5))
                    .put("full_load_p99_ms", full.millis(0.99))
                    .put("closing_lag_ms", (took - full.seconds()) * 1e3)
                    .put("cpu_ms_per_setup", millis(processors.all().minus(allBefore)) / done)
                    .put(
                            "control_plane_cpu_ms_per_setup",
                            millis(cpu(control.pid()).minus(controlBefore)) / done)
                    .put(
                            "agents_cpu_ms_per_setup",
                            millis(cpu(ProcessHandle.current().pid()).minus(agentsBefore)) / done);
            return perSecond;
        }
    }

    private static double millis(Duration time) {
        return time.toNanos() / 1e6;
    }

    /// Processor time that a process has used so far; zero where the machine does not tell.
    private static Duration cpu(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .orElse(Duration.ZERO);
    }
}
