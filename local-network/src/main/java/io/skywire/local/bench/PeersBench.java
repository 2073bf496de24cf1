package io.skywire.local.bench;

import io.skywire.local.ChildProcess;
import io.skywire.local.ControlPlaneAlone;
import io.skywire.local.Experiment;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import io.skywire.local.WrongUse;
import io.skywire.local.hosts.Namespaces;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// One stream of iperf3 from the first host of a row to the last, over intermediaries on hosts of their own: through
/// this network's `forwards` and `published`, through yggdrasil, through tinc, in turns.
///
/// All three run on the same hosts at the same time; those whose turn it is not are idle.
@Command(name = "peers", description = "iperf3 over intermediaries, beside yggdrasil and tinc on the same hosts.")
final class PeersBench extends Experiment {
    private static final DebianPackage IPERF = new DebianPackage("iperf3", "iperf3");
    private static final DebianPackage YGGDRASIL = new DebianPackage("yggdrasil", "yggdrasil");
    private static final DebianPackage TINC = new DebianPackage("tincd", "tinc");
    private static final String OURS = "skywire";
    private static final int ECHO_BACKLOG = 16;
    private static final Duration WARM_UP = Duration.ofSeconds(4);
    private static final int MOST_WARM_UPS = 10;
    private static final int STEADY = 2;
    private static final double NO_FASTER = 1.05;
    private static final double LEAST_RATIO = 2.5;
    private static final Duration END = Duration.ofSeconds(10);

    @Option(names = "--hops", defaultValue = "3", description = "intermediaries (default: 3)")
    private int hops;

    @Option(names = "--repetitions", defaultValue = "5", description = "of each transfer (default: 5)")
    private int repetitions;

    @Option(names = "--seconds", defaultValue = "5", description = "of each transfer (default: 5)")
    private int seconds;

    /// One of the networks: where the destination's iperf3 is reached from the source, and who carries it there.
    private record Way(String name, String version, String address, int port, List<ChildProcess> processes) {}

    private record Run(double megabitsPerSecond, double cpuSecondsPerGigabyte) {}

    @Override
    protected Report run(RunHome home, Progress progress) {
        if (hops < 1 || hops > 8 || repetitions < 1 || seconds < 1) {
            throw new WrongUse("--hops wants 1 to 8, --repetitions and --seconds at least 1");
        }
        Path iperfProgram = IPERF.require(progress);
        Path yggdrasil = YGGDRASIL.require(progress);
        Path tinc = TINC.require(progress);
        List<ChildProcess> children = new ArrayList<>();
        home.endOnSignal(() -> ChildProcess.endAll(children, END));
        try (HostRow hosts = HostRow.near("peers", hops);
                ControlPlaneAlone plane =
                        progress.step("start a control plane", () -> ControlPlaneAlone.start(home, Map.of()));
                Echo echo = echo(hosts)) {
            Iperf iperf = Iperf.start(iperfProgram, hosts.destination(), NodeRow.IPERF, home, children);
            List<Way> ways = new ArrayList<>();
            try (NodeRow row =
                    progress.step("start a row of nodes", () -> NodeRow.start(hosts, 1, plane, home, children))) {
                ways.add(new Way(OURS, "this checkout", "127.0.0.1", NodeRow.iperf(0), row.nodes()));
                for (Rival rival : List.of(
                        progress.step(
                                "start yggdrasil", () -> Rival.yggdrasil(YGGDRASIL, yggdrasil, hosts, home, children)),
                        progress.step("start tinc", () -> Rival.tinc(TINC, tinc, hosts, home, children)))) {
                    ways.add(new Way(rival.name(), rival.version(), rival.address(), NodeRow.IPERF, rival.daemons()));
                }
                return measure(ways, hosts, iperf, progress);
            }
        } finally {
            ChildProcess.endAll(children, END);
        }
    }

    private static Echo echo(HostRow hosts) {
        return Echo.at(Namespaces.inside(hosts.destination(), () -> {
            try {
                return new ServerSocket(NodeRow.ECHO, ECHO_BACKLOG);
            } catch (IOException taken) {
                throw new NetworkFailure("no echo on " + hosts.destination() + ": " + taken.getMessage());
            }
        }));
    }

    private Report measure(List<Way> ways, HostRow hosts, Iperf iperf, Progress progress) {
        progress.step("warm up", () -> ways.forEach(way -> warmUp(way, hosts, iperf)));
        Map<String, List<Run>> runs = new LinkedHashMap<>();
        ways.forEach(way -> runs.put(way.name(), new ArrayList<>()));
        progress.step(repetitions + " transfers each", () -> {
            for (int repetition = 0; repetition < repetitions; repetition++) {
                for (Way way : ways) {
                    of(runs, way).add(run(way, hosts, iperf, Duration.ofSeconds(seconds)));
                }
            }
        });
        double[] ratios = new double[repetitions];
        for (int i = 0; i < repetitions; i++) {
            double fastest = 0;
            for (Way way : ways) {
                double rate = of(runs, way).get(i).megabitsPerSecond();
                if (!way.name().equals(OURS)) {
                    fastest = Math.max(fastest, rate);
                }
            }
            ratios[i] = of(runs, ways.getFirst()).get(i).megabitsPerSecond() / fastest;
        }
        Samples ratio = Samples.of(ratios);
        return new Report()
                .put("hops", hops)
                .put("streams", 1)
                .put("rows", ways.stream().map(way -> row(way, of(runs, way))).toList())
                .atLeast("ratio_to_fastest", ratio.median(), LEAST_RATIO)
                .put("ratio_to_fastest_range", ratio.range(2));
    }

    private static List<Run> of(Map<String, List<Run>> runs, Way way) {
        return runs.getOrDefault(way.name(), List.of());
    }

    private static Map<String, Object> row(Way way, List<Run> runs) {
        Samples rates =
                Samples.of(runs.stream().mapToDouble(Run::megabitsPerSecond).toArray());
        Samples costs =
                Samples.of(runs.stream().mapToDouble(Run::cpuSecondsPerGigabyte).toArray());
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("name", way.name());
        row.put("version", way.version());
        row.put("mbit_per_second", rates.median(0));
        row.put("mbit_per_second_range", rates.range(0));
        row.put("cpu_seconds_per_gbyte_of_all", costs.median(2));
        row.put("cpu_seconds_per_gbyte_of_all_range", costs.range(2));
        return row;
    }

    /// A young JVM is slow: transfers until two in a row are not faster than the fastest. Others need no more than
    /// that.
    private static void warmUp(Way way, HostRow hosts, Iperf iperf) {
        double fastest = 0;
        int steady = 0;
        for (int i = 0; i < MOST_WARM_UPS && steady < STEADY; i++) {
            double rate = run(way, hosts, iperf, WARM_UP).megabitsPerSecond();
            steady = rate < NO_FASTER * fastest ? steady + 1 : 0;
            fastest = Math.max(fastest, rate);
        }
    }

    private static Run run(Way way, HostRow hosts, Iperf iperf, Duration time) {
        double before = cpu(way.processes());
        Iperf.Transfer transfer = iperf.send(hosts.on(0), way.address(), way.port(), 1, time);
        return new Run(transfer.megabitsPerSecond(), (cpu(way.processes()) - before) / (transfer.bytes() / 1e9));
    }

    private static double cpu(List<ChildProcess> processes) {
        return processes.stream()
                .mapToDouble(process -> ProcessHandle.of(process.pid())
                                .flatMap(handle -> handle.info().totalCpuDuration())
                                .orElse(Duration.ZERO)
                                .toNanos()
                        / 1e9)
                .sum();
    }
}
