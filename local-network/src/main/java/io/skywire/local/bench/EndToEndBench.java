package io.skywire.local.bench;

import io.skywire.local.ChildProcess;
import io.skywire.local.ControlPlaneAlone;
import io.skywire.local.Experiment;
import io.skywire.local.Installation;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import io.skywire.local.WrongUse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Stock iperf3 from one node's `forwards` to another's `published` over two and over three intermediaries, beside as
/// many haproxy in TCP mode, in turns.
///
/// Real processes on loopback: a control plane, the nodes of a line with one event loop each, the haproxy of a chain.
/// Each round trip is measured on a connection of its own to an echo beside the iperf3 server.
@Command(name = "end-to-end", description = "iperf3 over intermediaries, beside a chain of haproxy.")
final class EndToEndBench extends Experiment {
    private static final int[] STREAMS = {1, 8};
    private static final int IPERF_PORT = 5201;
    private static final int ECHO_PORT = 7;
    private static final String CONTROL_PLANE_HEAP = "384m";
    private static final Duration ROUTABLE = Duration.ofSeconds(90);
    private static final Duration WARM_UP = Duration.ofSeconds(3); // again and again, until it gets no cheaper
    private static final int MOST_WARM_UPS = 16;
    private static final int STEADY = 2;
    private static final double NO_CHEAPER = 0.9;
    private static final Duration IDLE_PINGS = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(5);
    private static final Duration HAPROXY_READY = Duration.ofSeconds(20);
    private static final Duration END = Duration.ofSeconds(10);
    private static final double LEAST_OVER_TWO = 0.45;
    private static final double LEAST_OVER_THREE = 0.4;
    private static final double MOST_RELAY_COST = 0.7;
    private static final double MOST_LOADED_ROUND_TRIP = 10;

    @Option(names = "--hops", split = ",", description = "intermediaries: 2, 3 or 2,3 (default: both)")
    private List<Integer> hops = List.of(2, 3);

    @Option(names = "--repetitions", defaultValue = "5", description = "of each transfer (default: 5)")
    private int repetitions;

    @Option(names = "--seconds", defaultValue = "3", description = "of each transfer (default: 3)")
    private int seconds;

    /// A line of nodes: where its two services are reached, and its processes in order.
    private record Line(int iperf, int echo, List<ChildProcess> nodes) {}

    private record Chain(int port, List<ChildProcess> proxies) {}

    /// What one way did in one repetition, and the round trips through the overlay meanwhile.
    private record Run(Iperf.Transfer transfer, double[] cpuSecondsPerGigabyte, Samples roundTrips) {}

    @Override
    protected Report run(RunHome home, Progress progress) {
        if (hops.isEmpty() || hops.stream().anyMatch(count -> count < 1 || count > 8)) {
            throw new WrongUse("--hops wants numbers of intermediaries from 1 to 8, such as 2,3");
        }
        Path iperfProgram = Iperf.require("iperf3");
        Path haproxy = Iperf.require("haproxy");
        Installation installation = Installation.ofThisProcess();
        List<ChildProcess> children = new ArrayList<>();
        home.endOnSignal(() -> ChildProcess.endAll(children, END));
        try (Echo echo = Echo.start();
                ControlPlaneAlone plane =
                        progress.step("start a control plane", () -> ControlPlaneAlone.start(home, Map.of()))) {
            Iperf iperf = Iperf.start(iperfProgram, home, children);
            List<Map<String, Object>> rows = new ArrayList<>();
            Report report = new Report();
            for (int count : hops) {
                int others = children.size();
                try {
                    Line line = progress.step(
                            "start a line with " + count + " intermediaries",
                            () -> line(count, installation, home, plane, iperf, echo, children));
                    Chain chain = progress.step(
                            "start " + count + " haproxy", () -> chain(count, haproxy, home, iperf, children));
                    measure(count, line, chain, iperf, echo, progress, rows, report);
                } finally {
                    List<ChildProcess> ofThisLine = children.subList(others, children.size());
                    ChildProcess.endAll(ofThisLine, END);
                    ofThisLine.clear();
                }
            }
            return report.put("rows", rows);
        } finally {
            ChildProcess.endAll(children, END);
        }
    }

    /// Starts nodes from the destination to the source, each linked to the one started before it.
    private static Line line(
            int intermediaries,
            Installation installation,
            RunHome home,
            ControlPlaneAlone plane,
            Iperf iperf,
            Echo echo,
            List<ChildProcess> children) {
        BenchNode.Obeys obeys = new BenchNode.Obeys(plane.agents().getPort(), plane.serviceKey(), plane.setupKey());
        String line = "line" + intermediaries + "-";
        BenchNode destination = BenchNode.start(
                line + "destination",
                List.of(),
                obeys,
                """
                event_loops: 1
                published:
                  - {port: %d, target: "127.0.0.1:%d"}
                  - {port: %d, target: "127.0.0.1:%d"}
                """.formatted(IPERF_PORT, iperf.port(), ECHO_PORT, echo.port()),
                installation,
                home,
                children);
        List<ChildProcess> nodes = new ArrayList<>();
        nodes.add(destination.process());
        BenchNode next = destination;
        for (int i = intermediaries; i >= 1; i--) {
            next = BenchNode.start(line + "relay" + i, List.of(), obeys, linkedTo(next), installation, home, children);
            nodes.addFirst(next.process());
        }
        int iperfPort = BenchNode.freePort();
        int echoPort = BenchNode.freePort();
        BenchNode source = BenchNode.start(
                line + "source",
                List.of(),
                obeys,
                linkedTo(next)
                        + """
                        forwards:
                          - {listen: "127.0.0.1:%d", peer: %s, port: %d}
                          - {listen: "127.0.0.1:%d", peer: %s, port: %d}
                        """.formatted(
                                        iperfPort,
                                        destination.key().hex(),
                                        IPERF_PORT,
                                        echoPort,
                                        destination.key().hex(),
                                        ECHO_PORT),
                installation,
                home,
                children);
        nodes.addFirst(source.process());
        Line started = new Line(iperfPort, echoPort, nodes);
        if (!Patience.until(ROUTABLE, () -> answers(echoPort))) {
            throw new NetworkFailure("nothing comes through " + intermediaries + " intermediaries within "
                    + ROUTABLE.toSeconds() + " s");
        }
        return started;
    }

    private static String linkedTo(BenchNode node) {
        return """
        event_loops: 1
        transports:
          - {peer: %s, address: "127.0.0.1:%d"}
        """.formatted(node.key().hex(), node.listen());
    }

    private static boolean answers(int port) {
        try {
            Echo.roundTrips(port, Duration.ZERO, Duration.ZERO);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static Chain chain(int count, Path haproxy, RunHome home, Iperf iperf, List<ChildProcess> children) {
        int next = iperf.port();
        List<ChildProcess> proxies = new ArrayList<>();
        for (int i = count; i >= 1; i--) {
            int port = BenchNode.freePort();
            String name = "haproxy" + count + "-" + i;
            Path config = home.scratch().resolve(name + ".cfg");
            try {
                Files.writeString(config, """
                        global
                          nbthread 1
                        defaults
                          mode tcp
                          timeout connect 10s
                          timeout client 120s
                          timeout server 120s
                        listen pipe
                          bind 127.0.0.1:%d
                          server next 127.0.0.1:%d
                        """.formatted(port, next));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
            ChildProcess proxy =
                    ChildProcess.start(name, List.of(haproxy.toString(), "-db", "-f", config.toString()), home);
            children.add(proxy);
            proxies.addFirst(proxy);
            boolean listens = Patience.until(HAPROXY_READY, () -> {
                proxy.requireAlive();
                return isListening(port);
            });
            if (!listens) {
                throw new NetworkFailure(name + " does not listen within " + HAPROXY_READY.toSeconds() + " s");
            }
            next = port;
        }
        return new Chain(next, proxies);
    }

    /// Asked in `/proc`: a connection would reach the iperf3 server, which serves one at a time.
    private static boolean isListening(int port) {
        String address = String.format("0100007F:%04X 00000000:0000 0A", port);
        try {
            return Files.readString(Path.of("/proc/net/tcp")).contains(address);
        } catch (IOException notLinux) {
            return true;
        }
    }

    // --- measuring

    private void measure(
            int count,
            Line line,
            Chain chain,
            Iperf iperf,
            Echo echo,
            Progress progress,
            List<Map<String, Object>> rows,
            Report report) {
        Duration time = Duration.ofSeconds(seconds);
        progress.step("warm up", () -> {
            warmUp(line, iperf);
            iperf.send(chain.port(), 1, Duration.ofSeconds(2));
        });
        double idle = roundTrips(line.echo(), IDLE_PINGS).median();
        double direct = roundTrips(echo.port(), IDLE_PINGS).median();
        double perHop = Math.max(0, idle - direct) * 1_000 / (count + 1);
        for (int streams : STREAMS) {
            List<Run> overlay = new ArrayList<>();
            List<Run> plain = new ArrayList<>();
            progress.step(streams + " streams", () -> {
                for (int repetition = 0; repetition < repetitions; repetition++) {
                    overlay.add(run(line.iperf(), streams, time, iperf, line.nodes(), line.echo()));
                    plain.add(run(chain.port(), streams, time, iperf, chain.proxies(), line.echo()));
                }
            });
            rows.add(row(count, streams, line, overlay, plain, perHop));
            double least = count <= 2 ? LEAST_OVER_TWO : LEAST_OVER_THREE;
            String which = "_" + count + "_hops_" + streams + "_streams";
            report.atLeast(
                    "ratio_to_plain_chain" + which, ratios(overlay, plain).median(), least);
            report.atMost("relay_cpu_seconds_per_gbyte" + which, dearestRelay(overlay, count), MOST_RELAY_COST);
            report.atMost(
                    "rtt_under_load_p99_ms" + which, roundTrips(overlay, 99).median(), MOST_LOADED_ROUND_TRIP);
        }
        report.put("rtt_idle_ms_" + count + "_hops", idle);
        report.put("rtt_direct_ms_" + count + "_hops", direct);
    }

    /// A young JVM pays several times as much for a byte: transfers until two in a row are not cheaper than the
    /// cheapest.
    private static void warmUp(Line line, Iperf iperf) {
        double cheapest = Double.MAX_VALUE;
        int steady = 0;
        for (int i = 0; i < MOST_WARM_UPS && steady < STEADY; i++) {
            Run run = run(line.iperf(), STREAMS[i % STREAMS.length], WARM_UP, iperf, line.nodes(), line.echo());
            double cost = Arrays.stream(run.cpuSecondsPerGigabyte()).sum();
            steady = cost > NO_CHEAPER * cheapest ? steady + 1 : 0;
            cheapest = Math.min(cheapest, cost);
        }
    }

    private static Run run(
            int port, int streams, Duration time, Iperf iperf, List<ChildProcess> processes, int echoPort) {
        CompletableFuture<Samples> pings =
                CompletableFuture.supplyAsync(() -> roundTrips(echoPort, time.minusSeconds(1)));
        double[] before = cpu(processes);
        Iperf.Transfer transfer = iperf.send(port, streams, time);
        double[] cost = cpu(processes);
        for (int i = 0; i < cost.length; i++) {
            cost[i] = (cost[i] - before[i]) / (transfer.bytes() / 1e9);
        }
        return new Run(transfer, cost, joined(pings));
    }

    private static double[] cpu(List<ChildProcess> processes) {
        return processes.stream()
                .mapToDouble(process -> ProcessHandle.of(process.pid())
                                .flatMap(handle -> handle.info().totalCpuDuration())
                                .orElse(Duration.ZERO)
                                .toNanos()
                        / 1e9)
                .toArray();
    }

    private static Samples roundTrips(int port, Duration time) {
        try {
            return Echo.roundTrips(port, time, PAUSE);
        } catch (IOException failure) {
            throw new NetworkFailure("the echo behind port " + port + " does not answer: " + failure.getMessage());
        }
    }

    private static Samples joined(CompletableFuture<Samples> pings) {
        try {
            return pings.join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof NetworkFailure told ? told : failure;
        }
    }

    // --- what it says

    private static Map<String, Object> row(
            int count, int streams, Line line, List<Run> overlay, List<Run> plain, double perHop) {
        Samples rate = rates(overlay);
        Samples plainRate = rates(plain);
        Samples ratio = ratios(overlay, plain);
        Map<String, Object> costs = new LinkedHashMap<>();
        for (int i = 0; i < line.nodes().size(); i++) {
            String name = i == 0 ? "source" : i == line.nodes().size() - 1 ? "destination" : "relay" + i;
            costs.put(name, cost(overlay, i).median(3));
        }
        Map<String, Object> plainCosts = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            plainCosts.put("haproxy" + (i + 1), cost(plain, i).median(3));
        }
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("hops", count);
        row.put("streams", streams);
        row.put("mbit_per_second", rate.median(0));
        row.put("plain_chain_mbit_per_second", plainRate.median(0));
        row.put("ratio_to_plain_chain", ratio.median(3));
        row.put("rtt_added_per_hop_us", Samples.rounded(perHop, 1));
        row.put("rtt_under_load_p50_ms", roundTrips(overlay, 50).median(2));
        row.put("rtt_under_load_p99_ms", roundTrips(overlay, 99).median(2));
        row.put("rtt_beside_plain_chain_p50_ms", roundTrips(plain, 50).median(2));
        row.put("rtt_beside_plain_chain_p99_ms", roundTrips(plain, 99).median(2));
        row.put("cpu_seconds_per_gbyte", costs);
        row.put("plain_chain_cpu_seconds_per_gbyte", plainCosts);
        row.put(
                "ranges",
                Map.of(
                        "mbit_per_second", rate.range(0),
                        "plain_chain_mbit_per_second", plainRate.range(0),
                        "ratio_to_plain_chain", ratio.range(3),
                        "rtt_under_load_p99_ms", roundTrips(overlay, 99).range(2),
                        "rtt_beside_plain_chain_p99_ms", roundTrips(plain, 99).range(2)));
        return row;
    }

    private static double dearestRelay(List<Run> overlay, int count) {
        double dearest = 0;
        for (int i = 1; i <= count; i++) {
            dearest = Math.max(dearest, cost(overlay, i).median());
        }
        return dearest;
    }

    private static Samples cost(List<Run> runs, int process) {
        return Samples.of(runs.stream()
                .mapToDouble(run -> run.cpuSecondsPerGigabyte()[process])
                .toArray());
    }

    private static Samples rates(List<Run> runs) {
        return Samples.of(runs.stream()
                .mapToDouble(run -> run.transfer().megabitsPerSecond())
                .toArray());
    }

    private static Samples ratios(List<Run> overlay, List<Run> plain) {
        double[] ratios = new double[overlay.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = overlay.get(i).transfer().megabitsPerSecond()
                    / plain.get(i).transfer().megabitsPerSecond();
        }
        return Samples.of(ratios);
    }

    private static Samples roundTrips(List<Run> runs, int percentile) {
        return Samples.of(runs.stream()
                .mapToDouble(run -> run.roundTrips().percentile(percentile))
                .toArray());
    }
}
