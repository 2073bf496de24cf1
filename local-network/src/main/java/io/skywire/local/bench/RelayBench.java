package io.skywire.local.bench;

import io.skywire.local.ChildProcess;
import io.skywire.local.Experiment;
import io.skywire.local.Installation;
import io.skywire.local.KeyFile;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import io.skywire.shared.key.PublicKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A messaging server beside a plain TCP pipe: what it moves for each second of processor time, what an idle client
/// costs it, and whether a greedy sender gets more than others.
///
/// Four processes: two servers, the pipe, and the load (module `benchmarks`). Where `taskset` and a second core exist,
/// servers and pipe run on the first core and the load on the others.
@Command(name = "relay", description = "A messaging server beside a plain TCP pipe.")
final class RelayBench extends Experiment {
    private static final int IDLE_CLIENTS = 10_000;
    private static final int SPARE_DESCRIPTORS = 500;
    private static final List<Integer> READ_SIZES = List.of(65_536, 262_144, 1_048_576);
    private static final String RELAY_HEAP = "512m";
    private static final String LOAD_HEAP = "1200m";
    private static final Duration READY = Duration.ofSeconds(60);
    private static final Duration LOAD = Duration.ofMinutes(9);
    private static final Duration END = Duration.ofSeconds(5);
    private static final double GIGABITS = 8;

    @Override
    protected Report run(RunHome home, Progress progress) {
        Installation installation = Installation.ofThisProcess();
        List<ChildProcess> children = new ArrayList<>();
        home.endOnSignal(() -> ChildProcess.endAll(children, END));
        try {
            Server relay =
                    progress.step("start a messaging server", () -> server("relay", installation, home, children));
            Server idle =
                    progress.step("start one for idle clients", () -> server("idle", installation, home, children));
            Pipe pipe = progress.step("start the pipe", () -> pipe(installation, home, children));
            int clients = Math.min(IDLE_CLIENTS, mostOpenFiles() - SPARE_DESCRIPTORS);
            JsonNode seen = progress.step(
                    "put load on all of them", () -> load(installation, home, children, relay, idle, pipe, clients));
            return report(seen);
        } finally {
            ChildProcess.endAll(children, END);
        }
    }

    private static Report report(JsonNode seen) {
        JsonNode large = seen.required("relay_large");
        double relayed = large.required("gigabytes_per_cpu_second").doubleValue();
        Map<String, Object> frames = new LinkedHashMap<>();
        for (int payload : new int[] {64, 1_400}) {
            frames.put(String.valueOf(payload), Math.round(perCore(seen, payload)));
        }
        double piped = 0;
        Map<String, Object> pipes = new LinkedHashMap<>();
        int next = 0;
        for (JsonNode figures : seen.required("pipes")) {
            double rate = figures.required("gigabytes_per_cpu_second").doubleValue();
            pipes.put(String.valueOf(READ_SIZES.get(next)), Math.round(rate * GIGABITS * 1_000) / 1_000.0);
            piped = Math.max(piped, rate);
            next++;
        }
        JsonNode fairness = seen.required("fairness");
        JsonNode idle = seen.required("idle");
        return new Report()
                .put("gigabits_per_second_per_core", relayed * GIGABITS)
                .put("frames_per_second_per_core", frames)
                .put("frames_per_second_per_core_64", perCore(seen, 64))
                .put("frames_per_second_per_core_1400", perCore(seen, 1_400))
                .put(
                        "gigabits_per_second",
                        large.required("gigabytes_per_second").doubleValue() * GIGABITS)
                .put("plain_pipe_gigabits_per_second_per_core", piped * GIGABITS)
                .put("plain_pipe_by_read_size", pipes)
                .atLeast("ratio_to_plain_pipe", relayed / piped, 0.5)
                .atLeast("idle_clients", idle.required("held").intValue(), IDLE_CLIENTS)
                .atMost(
                        "bytes_per_idle_client",
                        idle.required("bytes_per_client").doubleValue(),
                        40_000)
                .put("cores_while_idle", idle.required("cpu_share_while_idle").doubleValue())
                .put("connect_seconds", idle.required("connect_seconds").doubleValue())
                .atLeast("fairness", fairness.required("jain").doubleValue(), 0.95)
                .put(
                        "fairness_megabytes_per_second",
                        fairness.required("megabytes_per_second").doubleValue())
                .put("load_average", loadAverage());
    }

    private static double perCore(JsonNode seen, int payload) {
        return seen.required("relay_" + payload)
                .required("letters_per_cpu_second")
                .doubleValue();
    }

    /// One messaging server that runs.
    private record Server(ChildProcess process, PublicKey key, int port) {}

    private record Pipe(ChildProcess process, List<String> ports) {}

    private static Server server(String name, Installation installation, RunHome home, List<ChildProcess> children) {
        Path directory = home.scratch();
        PublicKey key = KeyFile.adopt(directory.resolve(name + ".key"), new SecureRandom())
                .publicKey();
        Path config = directory.resolve(name + ".yaml");
        try {
            Files.writeString(config, """
                    key_file: %s.key
                    listen: 127.0.0.1:0
                    capacity: 20000
                    capacity_per_network: 20000
                    event_loops: 1
                    drain_seconds: 0
                    """.formatted(name));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        List<String> command = new ArrayList<>(Cores.first());
        command.addAll(installation.java("data-plane-node", RELAY_HEAP, "io.skywire.node.cli.NodeMain"));
        command.addAll(List.of("relay", "--end-with-parent", "--config", config.toString()));
        ChildProcess process = ChildProcess.start(name, command, home);
        children.add(process);
        String ready = Lines.await(process, line -> line.startsWith("ready relay=" + key.hex()), READY);
        return new Server(process, key, Integer.parseInt(ready.replaceAll(".* listen=[^ ]*:(\\d+).*", "$1")));
    }

    private static Pipe pipe(Installation installation, RunHome home, List<ChildProcess> children) {
        List<String> command = new ArrayList<>(Cores.first());
        command.addAll(installation.java("benchmarks", RELAY_HEAP, "io.skywire.benchmarks.relay.PlainPipe"));
        READ_SIZES.forEach(size -> command.add(size.toString()));
        ChildProcess process = ChildProcess.start("pipe", command, home);
        children.add(process);
        String ready = Lines.await(process, line -> line.startsWith("ready "), READY);
        return new Pipe(process, List.of(ready.substring("ready ".length()).split(" ", -1)));
    }

    private static JsonNode load(
            Installation installation,
            RunHome home,
            List<ChildProcess> children,
            Server relay,
            Server idle,
            Pipe pipe,
            int clients) {
        List<String> command = new ArrayList<>(Cores.others());
        command.addAll(installation.java("benchmarks", LOAD_HEAP, "io.skywire.benchmarks.relay.RelayLoad"));
        command.addAll(of(relay));
        command.addAll(of(idle));
        command.add(String.valueOf(pipe.process().pid()));
        command.add(String.valueOf(clients));
        command.addAll(pipe.ports());
        ChildProcess process = ChildProcess.start("load", command, home);
        children.add(process);
        String figures = Lines.await(process, line -> line.startsWith("{"), LOAD);
        try {
            return new JsonMapper().readTree(figures);
        } catch (JacksonException malformed) {
            throw new NetworkFailure("the load printed this instead of figures: " + figures);
        }
    }

    private static List<String> of(Server server) {
        return List.of(
                String.valueOf(server.port()),
                server.key().hex(),
                String.valueOf(server.process().pid()));
    }

    /// The hard limit of open files, which Java raises its own limit to.
    private static int mostOpenFiles() {
        try {
            return Files.readString(Path.of("/proc/self/limits"))
                    .lines()
                    .filter(line -> line.startsWith("Max open files"))
                    .map(line -> line.split("\\s+", -1)[4])
                    .map(hard -> hard.equals("unlimited") ? Integer.MAX_VALUE : Integer.parseInt(hard))
                    .findFirst()
                    .orElse(Integer.MAX_VALUE);
        } catch (IOException notLinux) {
            return Integer.MAX_VALUE;
        }
    }

    private static String loadAverage() {
        try {
            return Files.readString(Path.of("/proc/loadavg")).strip();
        } catch (IOException notLinux) {
            return "unknown";
        }
    }
}
