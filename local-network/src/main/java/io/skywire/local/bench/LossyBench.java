package io.skywire.local.bench;

import io.skywire.local.ChildProcess;
import io.skywire.local.ControlPlaneAlone;
import io.skywire.local.Experiment;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import io.skywire.local.WrongUse;
import io.skywire.local.hosts.LongCable;
import io.skywire.local.hosts.Namespaces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// iperf3 over intermediaries on hosts of their own, joined by cables with delay and loss, beside a chain of plain TCP
/// pipes under CUBIC on the same hosts and cables, in turns; and what a bulk transfer adds to the round trip of another
/// session over the same cables.
///
/// The congestion control of every cable is CUBIC, the common default; our nodes ask for theirs themselves.
@Command(name = "lossy", description = "iperf3 over cables with delay and loss, beside a chain of haproxy under CUBIC.")
final class LossyBench extends Experiment {
    private static final DebianPackage IPERF = new DebianPackage("iperf3", "iperf3");
    private static final DebianPackage HAPROXY = new DebianPackage("haproxy", "haproxy");
    private static final String COMMON = "cubic";
    private static final int MANY = 8;
    private static final int PIPE_PORT = 6_201;
    private static final int ECHO_BACKLOG = 16;
    private static final long SEED = 7;
    private static final Duration WARM_UP = Duration.ofSeconds(5);
    private static final int WARM_UPS = 3;
    private static final Duration SHOWN_BY_TRANSFER = Duration.ofSeconds(3);
    private static final Duration IDLE_PINGS = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final Duration HAPROXY_READY = Duration.ofSeconds(20);
    private static final Duration END = Duration.ofSeconds(10);
    private static final double LEAST_RATIO = 3;
    private static final double LEAST_OF_MANY = 0.8;
    private static final double MOST_ADDED_MS = 100;

    @Option(names = "--hops", defaultValue = "3", description = "intermediaries (default: 3)")
    private int hops;

    @Option(names = "--delay", defaultValue = "10", description = "ms on each cable, each way (default: 10)")
    private int delay;

    @Option(
            names = "--loss",
            defaultValue = "1",
            description = "percent of packets on each cable, each way (default: 1)")
    private double loss;

    @Option(names = "--rate", defaultValue = "1000", description = "Mbit/s of each cable, each way (default: 1000)")
    private int rate;

    @Option(names = "--queue", defaultValue = "100", description = "ms that may wait for a cable (default: 100)")
    private int queue;

    @Option(names = "--repetitions", defaultValue = "5", description = "of each transfer (default: 5)")
    private int repetitions;

    @Option(names = "--seconds", defaultValue = "8", description = "of each transfer (default: 8)")
    private int seconds;

    /// What both chains did in one repetition.
    private record Turn(double one, double plainOne, double many, double plainMany, double loadedMs) {}

    @Override
    protected Report run(RunHome home, Progress progress) {
        if (hops < 1 || hops > 8 || delay < 0 || loss < 0 || loss > 50 || rate < 1 || queue < 1) {
            throw new WrongUse("--hops wants 1 to 8, --delay 0 or more, --loss 0 to 50, --rate and --queue 1 or more");
        }
        if (repetitions < 1 || seconds < 3) {
            throw new WrongUse("--repetitions wants 1 or more, --seconds 3 or more");
        }
        LongCable.Properties cables = new LongCable.Properties(
                Duration.ofMillis(delay), loss / 100, rate * 1_000_000L, Duration.ofMillis(queue), SEED);
        Path iperfProgram = IPERF.require(progress);
        Path haproxy = HAPROXY.require(progress);
        List<ChildProcess> children = new ArrayList<>();
        home.endOnSignal(() -> ChildProcess.endAll(children, END));
        try (HostRow hosts = HostRow.far("lossy", hops, cables);
                ControlPlaneAlone plane =
                        progress.step("start a control plane", () -> ControlPlaneAlone.start(home, Map.of()));
                Echo echo = echo(hosts)) {
            hosts.congestionControl(COMMON);
            Iperf iperf = Iperf.start(iperfProgram, hosts.destination(), NodeRow.IPERF, home, children);
            progress.step("start " + hops + " haproxy", () -> chain(hosts, haproxy, home, children));
            try (NodeRow row =
                    progress.step("start a row of nodes", () -> NodeRow.start(hosts, 2, plane, home, children))) {
                return measure(hosts, row.firstLink(), iperf, progress);
            }
        } finally {
            ChildProcess.endAll(children, END);
        }
    }

    private static Echo echo(HostRow hosts) {
        return Echo.at(Namespaces.inside(
                hosts.destination(),
                () -> new ServerSocket(NodeRow.ECHO, ECHO_BACKLOG, InetAddress.getLoopbackAddress())));
    }

    /// One haproxy on each intermediary, each leading to the next host.
    private static void chain(HostRow hosts, Path haproxy, RunHome home, List<ChildProcess> children) {
        for (int host = hosts.last() - 1; host >= 1; host--) {
            String name = "haproxy" + host;
            int next = host + 1 == hosts.last() ? NodeRow.IPERF : PIPE_PORT;
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
                          bind %s:%d
                          server next %s:%d
                        """.formatted(hosts.address(host), PIPE_PORT, hosts.address(host + 1), next));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
            List<String> command = new ArrayList<>(hosts.on(host));
            command.addAll(List.of(haproxy.toString(), "-db", "-f", config.toString()));
            ChildProcess proxy = ChildProcess.start(name, command, home);
            children.add(proxy);
            if (!Patience.until(HAPROXY_READY, () -> listens(proxy))) {
                throw new NetworkFailure(name + " does not listen within " + HAPROXY_READY.toSeconds() + " s");
            }
        }
    }

    /// Asked in the process's `/proc`: a connection would reach the iperf3 server, which serves one at a time.
    private static boolean listens(ChildProcess proxy) {
        proxy.requireAlive();
        try {
            return Files.readString(Path.of("/proc/" + proxy.pid() + "/net/tcp"))
                    .contains(String.format(":%04X 00000000:0000 0A", PIPE_PORT));
        } catch (IOException gone) {
            return false;
        }
    }

    // --- measuring

    private Report measure(HostRow hosts, int firstLink, Iperf iperf, Progress progress) {
        progress.step("warm up", () -> {
            for (int i = 0; i < WARM_UPS; i++) {
                double unused = ours(hosts, iperf, 1, WARM_UP);
            }
        });
        Samples idle = roundTrips(hosts, IDLE_PINGS);
        Controls controls = controls(hosts, firstLink, iperf);
        List<Turn> turns = new ArrayList<>();
        Duration time = Duration.ofSeconds(seconds);
        progress.step(repetitions + " transfers each", () -> {
            for (int repetition = 0; repetition < repetitions; repetition++) {
                CompletableFuture<Samples> pings =
                        CompletableFuture.supplyAsync(() -> roundTrips(hosts, time.minusSeconds(1)));
                double one = ours(hosts, iperf, 1, time);
                double loaded = joined(pings).median();
                double plainOne = plain(hosts, iperf, 1, time);
                double many = ours(hosts, iperf, MANY, time);
                turns.add(new Turn(one, plainOne, many, plain(hosts, iperf, MANY, time), loaded));
            }
        });
        return report(idle, turns, controls, hosts.counts());
    }

    /// Our forward leads to the first destination.
    private static double ours(HostRow hosts, Iperf iperf, int streams, Duration time) {
        return iperf.send(hosts.on(0), "127.0.0.1", NodeRow.iperf(0), streams, time)
                .megabitsPerSecond();
    }

    private static double plain(HostRow hosts, Iperf iperf, int streams, Duration time) {
        return iperf.send(hosts.on(0), hosts.address(1), PIPE_PORT, streams, time)
                .megabitsPerSecond();
    }

    /// To the echo through the session with the other destination.
    private static Samples roundTrips(HostRow hosts, Duration time) {
        return Namespaces.inside(hosts.source(), () -> {
            try {
                return Echo.roundTrips(NodeRow.echo(1), time, PAUSE);
            } catch (IOException failure) {
                throw new NetworkFailure("the echo of the second session does not answer: " + failure.getMessage());
            }
        });
    }

    private static Samples joined(CompletableFuture<Samples> pings) {
        try {
            return pings.join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof NetworkFailure told ? told : failure;
        }
    }

    /// What the two chains do about congestion, as the kernel says it of their connections on the first cable.
    private record Controls(String ours, String plain) {}

    private static Controls controls(HostRow hosts, int firstLink, Iperf iperf) {
        CompletableFuture<Double> transfer =
                CompletableFuture.supplyAsync(() -> plain(hosts, iperf, 1, SHOWN_BY_TRANSFER));
        List<String> seen = new ArrayList<>();
        boolean shown = Patience.until(SHOWN_BY_TRANSFER, () -> {
            seen.addAll(hosts.namespaces().congestionControls(hosts.source(), PIPE_PORT));
            return !seen.isEmpty();
        });
        double unused = transfer.join();
        if (!shown) {
            throw new NetworkFailure("no connection to the first haproxy is to be seen");
        }
        return new Controls(named(hosts.namespaces().congestionControls(hosts.source(), firstLink)), named(seen));
    }

    private static String named(List<String> controls) {
        return String.join(", ", new TreeSet<>(controls));
    }

    // --- what it says

    private Report report(Samples idle, List<Turn> turns, Controls controls, LongCable.Counts counts) {
        Samples ratio =
                samples(turns.stream().map(turn -> turn.one() / turn.plainOne()).toList());
        Samples added = samples(
                turns.stream().map(turn -> turn.loadedMs() - idle.median()).toList());
        Samples manyToOne =
                samples(turns.stream().map(turn -> turn.many() / turn.one()).toList());
        Samples ratioOfMany = samples(
                turns.stream().map(turn -> turn.many() / turn.plainMany()).toList());
        Samples one = samples(turns.stream().map(Turn::one).toList());
        Samples plainOne = samples(turns.stream().map(Turn::plainOne).toList());
        Samples many = samples(turns.stream().map(Turn::many).toList());
        Samples plainMany = samples(turns.stream().map(Turn::plainMany).toList());
        Map<String, Object> ranges = new LinkedHashMap<>();
        ranges.put("mbit_per_second", one.range(1));
        ranges.put("plain_mbit_per_second", plainOne.range(1));
        ranges.put("ratio_to_plain_chain", ratio.range(2));
        ranges.put("mbit_per_second_8_streams", many.range(1));
        ranges.put("plain_mbit_per_second_8_streams", plainMany.range(1));
        ranges.put("second_session_added_delay_ms", added.range(1));
        return new Report()
                .put("hops", hops)
                .put(
                        "cable",
                        Map.of("delay_ms", delay, "loss_percent", loss, "mbit_per_second", rate, "queue_ms", queue))
                .put("control", Map.of("ours", controls.ours(), "plain", controls.plain()))
                .put("mbit_per_second", one.median(1))
                .put("plain_mbit_per_second", plainOne.median(1))
                .atLeast("ratio_to_plain_chain", ratio.median(), LEAST_RATIO)
                .put("mbit_per_second_8_streams", many.median(1))
                .put("plain_mbit_per_second_8_streams", plainMany.median(1))
                .put("ratio_to_plain_chain_8_streams", ratioOfMany.median(2))
                .atLeast("ratio_8_to_1_streams", manyToOne.median(), LEAST_OF_MANY)
                .put("second_session_idle_ms", idle.median(1))
                .atMost("second_session_added_delay_ms", added.median(), MOST_ADDED_MS)
                .put("ranges", ranges)
                .put("packets", Map.of("passed", counts.passed(), "lost", counts.lost(), "dropped", counts.dropped()));
    }

    private static Samples samples(List<Double> values) {
        return Samples.of(values.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
