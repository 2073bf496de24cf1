package io.skywire.local.bench;

import io.skywire.local.ChildProcess;
import io.skywire.local.Experiment;
import io.skywire.local.Installation;
import io.skywire.local.MachineLacks;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the packaged agent takes: its package, its start, its memory and processor time when idle with links, and its
/// memory while it forwards.
///
/// The package is unpacked and run by its own launcher. The agent's neighbours are whole nodes in one other process;
/// the load is a third.
@Command(name = "footprint", description = "Start, memory and idle processor time of the agent as packaged.")
final class FootprintBench extends Experiment {
    private static final String NAME = "agent";
    private static final double MIB = 1 << 20;
    private static final int AWAY = 1_000; // what the agent adds to a route id
    private static final Duration READY = Duration.ofSeconds(60);
    private static final Duration LINKED = Duration.ofSeconds(120);
    private static final Duration UNPACKED = Duration.ofSeconds(60);
    private static final Duration END = Duration.ofSeconds(10);
    private static final Duration LOOK = Duration.ofMillis(2);
    private static final Duration SETTLE = Duration.ofSeconds(15);
    private static final Duration SAMPLE = Duration.ofMillis(500);
    private static final Duration IDLE = Duration.ofHours(1);

    @Option(names = "--repetitions", defaultValue = "5", description = "of the start (default: 5)")
    private int repetitions;

    @Option(names = "--links", defaultValue = "20", description = "neighbours with a link (default: 20)")
    private int links;

    @Option(names = "--routes", defaultValue = "50", description = "routes under load (default: 50)")
    private int routes;

    @Option(names = "--mbit", defaultValue = "1000", description = "Mbit/s under load (default: 1000)")
    private int mbit;

    @Option(names = "--idle", defaultValue = "30", description = "seconds without load (default: 30)")
    private int idleSeconds;

    @Option(names = "--load", defaultValue = "20", description = "seconds under load (default: 20)")
    private int loadSeconds;

    @Option(names = "--profile", defaultValue = "standard", description = "standard (default) or small-board")
    private String profile = "standard";

    /// The agent that runs.
    private record Agent(PublicKey key, ChildProcess process, double readyMillis, String readyLine) {
        int port(String door) {
            return Integer.parseInt(readyLine.replaceAll(".* " + door + "=[^ ]*:(\\d+).*", "$1"));
        }
    }

    @Override
    protected Report run(RunHome home, Progress progress) {
        if (!Files.isDirectory(Path.of("/proc/self"))) {
            throw new MachineLacks("this benchmark needs Linux: it reads memory and processor times in /proc");
        }
        Installation installation = Installation.ofThisProcess();
        Path archive = archive(installation.root());
        List<ChildProcess> children = new ArrayList<>();
        home.endOnSignal(() -> ChildProcess.endAll(children, END));
        try (RuleGiver giver = RuleGiver.start()) {
            Path launcher = progress.step("unpack " + archive.getFileName(), () -> unpack(archive, home));
            PublicKey key = BenchNode.key(home, NAME);
            Path config = config(NAME, giver, home, """
                    listen: 127.0.0.1:0
                    socks: 127.0.0.1:0
                    metrics: 127.0.0.1:0
                    profile: %s
                    """.formatted(profile));
            List<Double> ready = new ArrayList<>();
            for (int i = 1; i < repetitions; i++) {
                Agent started = progress.step("start", () -> start(launcher, key, config, home, children));
                ready.add(started.readyMillis());
                ChildProcess.endAll(List.of(started.process()), END);
            }
            Agent agent = progress.step("start", () -> start(launcher, key, config, home, children));
            ready.add(agent.readyMillis());
            progress.step(links + " links", () -> link(agent, giver, installation, home, children));
            return measured(agent, archive, ready, giver, installation, home, progress, children);
        } finally {
            ChildProcess.endAll(children, END);
        }
    }

    private Report measured(
            Agent agent,
            Path archive,
            List<Double> ready,
            RuleGiver giver,
            Installation installation,
            RunHome home,
            Progress progress,
            List<ChildProcess> children) {
        Proc proc = new Proc(agent.process().pid());
        rest(SETTLE);
        double cpuBefore = proc.cpuSeconds();
        long began = System.nanoTime();
        double idleRss = progress.step("idle", () -> largestRss(proc, Duration.ofSeconds(idleSeconds)));
        double idlePercent = 100 * (proc.cpuSeconds() - cpuBefore) / ((System.nanoTime() - began) / 1e9);
        int idleThreads = proc.threads();
        ChildProcess load = startLoad(agent, giver, installation, home, children);
        double cpuAtLoad = proc.cpuSeconds();
        double busyRss = progress.step("load", () -> largestRss(proc, Duration.ofSeconds(loadSeconds)));
        double direct = ScrapedValue.of(agent.port("metrics"), "skywire_node_direct_memory_bytes");
        double budget = ScrapedValue.of(agent.port("metrics"), "skywire_node_direct_memory_budget_bytes");
        JsonNode figures = new JsonMapper().readTree(Lines.await(load, line -> line.startsWith("{"), LINKED));
        double cpuOfLoad = proc.cpuSeconds() - cpuAtLoad;
        double received = figures.required("received_bytes").doubleValue();
        agent.process().requireAlive();
        Samples starts =
                Samples.of(ready.stream().mapToDouble(Double::doubleValue).toArray());
        try {
            return new Report()
                    .atMost("rss_idle_mib", idleRss / MIB, 120)
                    .atMost("rss_busy_mib", busyRss / MIB, 200)
                    .atMost("ready_ms", starts.median(), 2_000)
                    .atMost("package_mib", Files.size(archive) / MIB, 60)
                    .atMost("cpu_idle_percent", idlePercent, 0.5)
                    .put("ready_ms_range", starts.range(0))
                    .put("profile", profile)
                    .put("links", links)
                    .put("routes", routes)
                    .atLeast(
                            "mbit_per_second",
                            figures.required("mbit_per_second").doubleValue(),
                            0.95 * mbit)
                    .put("cpu_seconds_per_gbyte", cpuOfLoad / (received / 1e9))
                    .atMost("direct_memory_mib", direct / MIB, budget / MIB)
                    .put("direct_memory_budget_mib", budget / MIB)
                    .put("threads", idleThreads)
                    .put("unpacked_mib", sizeOf(home.scratch().resolve("unpacked")) / MIB);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Path archive(Path root) {
        Path target = root.resolve("node-package").resolve("target");
        if (Files.isDirectory(target)) {
            try (var files = Files.list(target)) {
                return files.filter(file -> file.toString().endsWith(".tar.gz"))
                        .findFirst()
                        .orElseThrow(() -> new MachineLacks("no package in " + target + ": run ./skywire package"));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
        throw new MachineLacks("the agent is not packaged: run ./skywire package");
    }

    private static Path unpack(Path archive, RunHome home) {
        Path directory = home.scratch().resolve("unpacked");
        try {
            Files.createDirectories(directory);
            ChildProcess.Outcome unpacked = ChildProcess.run(
                    List.of("tar", "-xzf", archive.toString(), "--strip-components=1"), directory, UNPACKED);
            if (!unpacked.succeeded()) {
                throw new NetworkFailure("cannot unpack " + archive + ": " + unpacked.said());
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return directory.resolve("bin").resolve("skywire-node");
    }

    private static Path config(String name, RuleGiver giver, RunHome home, String more) {
        BenchNode.key(home, name);
        Path config = home.scratch().resolve(name + ".yaml");
        try {
            return Files.writeString(
                    config,
                    """
                    key_file: %1$s.key
                    state_dir: %1$s
                    control_planes: [{address: '127.0.0.1:%2$d', tls: off}]
                    service_keys: [%3$s]
                    setup_keys: [%4$s]
                    api_socket: /tmp/skywire-bench-%5$d-%1$s.sock
                    """.formatted(
                                            name,
                                            giver.port(),
                                            giver.serviceKey().hex(),
                                            giver.setupKey().hex(),
                                            ProcessHandle.current().pid())
                            + more);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Agent start(Path launcher, PublicKey key, Path config, RunHome home, List<ChildProcess> children) {
        long began = System.nanoTime();
        ChildProcess process = ChildProcess.start(
                NAME, List.of(launcher.toString(), "run", "--end-with-parent", "--config", config.toString()), home);
        children.add(process);
        while (true) {
            for (String line : process.lines()) {
                if (line.startsWith("ready node=" + key.hex())) {
                    return new Agent(key, process, (System.nanoTime() - began) / 1e6, line);
                }
            }
            process.requireAlive();
            if (System.nanoTime() - began > READY.toNanos()) {
                throw new NetworkFailure("the agent was not ready after " + READY.toSeconds() + " s");
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    private void link(
            Agent agent, RuleGiver giver, Installation installation, RunHome home, List<ChildProcess> children) {
        List<String> command =
                new ArrayList<>(installation.java("benchmarks", "512m", "io.skywire.benchmarks.forwarding.LightPeers"));
        for (int i = 0; i < links; i++) {
            command.add(
                    config("peer-" + i, giver, home, """
                            event_loops: 1
                            transports: [{peer: %s, address: '127.0.0.1:%d'}]
                            """.formatted(agent.key().hex(), agent.port("listen")))
                            .toString());
        }
        ChildProcess peers = ChildProcess.start("peers", command, home);
        children.add(peers);
        Lines.await(peers, line -> line.equals("linked " + links), LINKED);
    }

    /// Returns when packets come through.
    private ChildProcess startLoad(
            Agent agent, RuleGiver giver, Installation installation, RunHome home, List<ChildProcess> children) {
        PublicKey source = BenchNode.key(home, "load-source");
        PublicKey sink = BenchNode.key(home, "load-sink");
        List<String> command =
                new ArrayList<>(installation.java("benchmarks", "256m", "io.skywire.benchmarks.forwarding.PacedLoad"));
        command.addAll(List.of(
                home.scratch().toString(),
                agent.key().hex(),
                String.valueOf(agent.port("listen")),
                String.valueOf(agent.port("metrics")),
                String.valueOf(agent.process().pid()),
                String.valueOf(mbit),
                String.valueOf(routes),
                String.valueOf(loadSeconds)));
        ChildProcess load = ChildProcess.start("load", command, home);
        children.add(load);
        Lines.await(load, line -> line.equals("linked"), LINKED);
        TransportId in = TransportId.between(agent.key(), source, TransportType.TCP);
        TransportId out = TransportId.between(agent.key(), sink, TransportType.TCP);
        List<Rule> rules = new ArrayList<>();
        for (int id = 1; id <= routes; id++) {
            rules.add(new Rule.Relay(in, new RouteId(id), out, new RouteId(AWAY + id), IDLE));
        }
        giver.give(agent.key(), rules);
        Lines.await(load, line -> line.equals("running"), LINKED);
        return load;
    }

    private static double largestRss(Proc proc, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        double largest = 0;
        while (System.nanoTime() - end < 0) {
            largest = Math.max(largest, proc.residentBytes());
            rest(SAMPLE);
        }
        return largest;
    }

    private static double sizeOf(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    private static void rest(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
