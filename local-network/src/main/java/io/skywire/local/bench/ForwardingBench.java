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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What one node relays for each second of its processor time, beside a plain TCP pipe and the least loop that could
/// do the same.
///
/// Five processes: two nodes (one event loop, two event loops), the pipe, the loop, and the load, which is sender and
/// sink to all of them. Where `taskset` and a second core exist, the load runs on the others and all but the second
/// node on the first core.
@Command(name = "forwarding", description = "One node between a sender and a sink, beside a plain TCP pipe.")
final class ForwardingBench extends Experiment {
    private static final List<Integer> READ_SIZES = List.of(65_536, 262_144, 1_048_576);
    private static final List<Integer> PAYLOADS = List.of(64, 256, 1_400, 16_000);
    /// In the order of the constants of the links' ciphers, with their usual names.
    private static final Map<String, String> CIPHERS = ciphers();

    private static final String AES = "AES-256-GCM";
    private static final int ROUTES = 16;
    private static final int AWAY = 1_000; // what a relay adds to a route id
    private static final String HEAP = "512m";
    private static final Duration READY = Duration.ofSeconds(60);
    private static final Duration LOAD = Duration.ofMinutes(20);
    private static final Duration END = Duration.ofSeconds(5);
    private static final Duration IDLE = Duration.ofHours(1);

    @Option(names = "--repetitions", defaultValue = "5", description = "of each measurement (default: 5)")
    private int repetitions;

    private static Map<String, String> ciphers() {
        Map<String, String> ciphers = new LinkedHashMap<>();
        ciphers.put("CHACHA20_POLY1305", "ChaCha20-Poly1305");
        ciphers.put("AES_256_GCM", AES);
        return ciphers;
    }

    @Override
    protected Report run(RunHome home, Progress progress) {
        if (!Files.isDirectory(Path.of("/proc/self"))) {
            throw new MachineLacks("this benchmark needs Linux: it reads processor times in /proc");
        }
        Installation installation = Installation.ofThisProcess();
        List<ChildProcess> children = new ArrayList<>();
        home.endOnSignal(() -> ChildProcess.endAll(children, END));
        try (RuleGiver giver = RuleGiver.start()) {
            List<String> one = progress.step(
                    "start a node with one event loop",
                    () -> node("one", 1, List.copyOf(CIPHERS.keySet()), installation, home, giver, children));
            List<String> two = progress.step(
                    "start a node with two",
                    () -> node(
                            "two",
                            2,
                            List.of("kept-0", "kept-1", "crossed-0", "crossed-1"),
                            installation,
                            home,
                            giver,
                            children));
            List<String> pipe = progress.step(
                    "start the pipe",
                    () -> relay(
                            "pipe",
                            "io.skywire.benchmarks.relay.PlainPipe",
                            READ_SIZES.stream().map(String::valueOf).toList(),
                            installation,
                            home,
                            children));
            List<String> bare = progress.step(
                    "start the bare loop",
                    () -> relay(
                            "bare",
                            "io.skywire.benchmarks.forwarding.BareLoop",
                            List.copyOf(CIPHERS.values()),
                            installation,
                            home,
                            children));
            List<String> arguments = new ArrayList<>(List.of(home.scratch().toString(), String.valueOf(repetitions)));
            arguments.addAll(one);
            arguments.addAll(two);
            arguments.addAll(pipe);
            arguments.addAll(bare);
            JsonNode seen = progress.step("measure", () -> load(arguments, installation, home, children));
            return report(seen.required("seen"));
        } finally {
            ChildProcess.endAll(children, END);
        }
    }

    /// Starts a node with rules between the neighbours of each pair; answers `KEY PORT METRICS_PORT PID`.
    private static List<String> node(
            String name,
            int loops,
            List<String> pairs,
            Installation installation,
            RunHome home,
            RuleGiver giver,
            List<ChildProcess> children) {
        PublicKey key = BenchNode.key(home, name);
        List<Rule> rules = new ArrayList<>();
        for (String pair : pairs) {
            TransportId in = TransportId.between(key, BenchNode.key(home, pair + "-source"), TransportType.TCP);
            TransportId out = TransportId.between(key, BenchNode.key(home, pair + "-sink"), TransportType.TCP);
            for (int id = 1; id <= ROUTES; id++) {
                rules.add(new Rule.Relay(in, new RouteId(id), out, new RouteId(AWAY + id), IDLE));
            }
        }
        giver.rules(key, rules);
        BenchNode node = BenchNode.start(
                name,
                loops == 1 ? Cores.first() : List.of(),
                new BenchNode.Obeys(giver.port(), giver.serviceKey(), giver.setupKey()),
                "event_loops: " + loops + "\n",
                installation,
                home,
                children);
        return List.of(
                key.hex(),
                String.valueOf(node.listen()),
                String.valueOf(node.metrics()),
                String.valueOf(node.process().pid()));
    }

    /// Starts something that prints `ready PORT…`; answers `PID PORT,…`.
    private static List<String> relay(
            String name,
            String main,
            List<String> arguments,
            Installation installation,
            RunHome home,
            List<ChildProcess> children) {
        List<String> command = new ArrayList<>(Cores.first());
        command.addAll(installation.java("benchmarks", HEAP, main));
        command.addAll(arguments);
        ChildProcess process = ChildProcess.start(name, command, home);
        children.add(process);
        String ready = Lines.await(process, line -> line.startsWith("ready "), READY);
        return List.of(
                String.valueOf(process.pid()),
                ready.substring("ready ".length()).replace(' ', ','));
    }

    private static JsonNode load(
            List<String> arguments, Installation installation, RunHome home, List<ChildProcess> children) {
        List<String> command = new ArrayList<>(Cores.others());
        command.addAll(installation.java("benchmarks", HEAP, "io.skywire.benchmarks.forwarding.ForwardingLoad"));
        command.addAll(arguments);
        ChildProcess process = ChildProcess.start("load", command, home);
        children.add(process);
        String figures = Lines.await(process, line -> line.startsWith("{"), LOAD);
        try {
            return new JsonMapper().readTree(figures);
        } catch (JacksonException malformed) {
            throw new NetworkFailure("the load printed this instead of figures: " + figures);
        }
    }

    // --- what it says

    private static Report report(JsonNode seen) {
        Report report = new Report();
        int best = bestPipe(seen);
        Samples pipe = rates(seen, "pipe", Optional.of(best), "none", 16_000);
        List<Map<String, Object>> rows = new ArrayList<>();

        for (String cipher : List.of(AES, "ChaCha20-Poly1305")) {
            for (int payload : PAYLOADS) {
                rows.add(row(seen, cipher, payload, best));
            }
        }
        Samples one = costs(seen, "one_pair");
        return report.put("rows", rows)
                .put("plain_netty_pipe_gbytes_per_core_second", pipe.median())
                .put("plain_netty_pipe_range", pipe.range(3))
                .put("plain_netty_pipe_read_size", READ_SIZES.get(best))
                .atLeast(
                        "ratio_to_plain_netty_pipe",
                        ratios(seen, AES, 1_400, "pipe", best).median(),
                        0.45)
                .atLeast(
                        "ratio_to_bare_loop",
                        ratios(seen, AES, 1_400, "bare", 0).median(),
                        0.9)
                .atLeast(
                        "packets_per_core_second_64",
                        of(seen, "node", AES, 64, "packets_per_core_second").median(),
                        8_000_000)
                .atMost("allocated_bytes_per_packet", beyondTheCipher(seen, AES, 1_400), 1)
                .atMost("two_loops_cost_growth", costs(seen, "two_pairs").median() / one.median() - 1, 0.15)
                .put(
                        "two_loops_crossed_cost_growth",
                        costs(seen, "two_pairs_crossed").median() / one.median() - 1)
                .put("lost_bytes", seen.get(seen.size() - 1).path("lost_bytes").asLong(0));
    }

    private static Map<String, Object> row(JsonNode seen, String cipher, int payload, int best) {
        Samples rate = of(seen, "node", cipher, payload, "gbytes_per_core_second");
        Samples packets = of(seen, "node", cipher, payload, "packets_per_core_second");
        Samples toPipe = ratios(seen, cipher, payload, "pipe", best);
        Samples toBare = ratios(seen, cipher, payload, "bare", 0);
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("payload", payload);
        row.put("cipher", cipher.startsWith("AES") ? "AES-GCM" : cipher);
        row.put("gbytes_per_core_second", rate.median(3));
        row.put("packets_per_core_second", Math.round(packets.median()));
        row.put("ratio_to_plain_netty_pipe", toPipe.median(3));
        row.put("ratio_to_bare_loop", toBare.median(3));
        row.put("allocated_bytes_per_packet", Samples.rounded(beyondTheCipher(seen, cipher, payload), 3));
        row.put(
                "allocated_bytes_per_frame",
                of(seen, "node", cipher, payload, "allocated_bytes_per_frame").median(0));
        row.put(
                "allocated_bytes_per_frame_bare_loop",
                of(seen, "bare", cipher, payload, "allocated_bytes_per_frame").median(0));
        row.put(
                "packets_per_frame",
                of(seen, "node", cipher, payload, "packets_per_frame").median(1));
        row.put(
                "ranges",
                Map.of(
                        "gbytes_per_core_second", rate.range(3),
                        "packets_per_core_second", packets.range(0),
                        "ratio_to_plain_netty_pipe", toPipe.range(3),
                        "ratio_to_bare_loop", toBare.range(3)));
        return row;
    }

    /// What the node allocates more than the bare loop, which has nothing but the JDK's cipher, whose every nonce takes
    /// new objects: per frame on both sides, so divided by the packets in a frame.
    private static double beyondTheCipher(JsonNode seen, String cipher, int payload) {
        double node =
                of(seen, "node", cipher, payload, "allocated_bytes_per_frame").median();
        double bare =
                of(seen, "bare", cipher, payload, "allocated_bytes_per_frame").median();
        double packets = of(seen, "node", cipher, payload, "packets_per_frame").median();
        return Math.max(0, node - bare) / packets;
    }

    private static int bestPipe(JsonNode seen) {
        int best = 0;
        double most = 0;
        for (int i = 0; i < READ_SIZES.size(); i++) {
            double rate = rates(seen, "pipe", Optional.of(i), "none", 16_000).median();
            if (rate > most) {
                most = rate;
                best = i;
            }
        }
        return best;
    }

    /// The node's rate over another subject's, repetition by repetition.
    private static Samples ratios(JsonNode seen, String cipher, int payload, String other, int variant) {
        double[] node = inOrder(seen, "node", Optional.empty(), cipher, payload, "gbytes_per_core_second");
        double[] beside = other.equals("pipe")
                ? inOrder(seen, other, Optional.of(variant), "none", 16_000, "gbytes_per_core_second")
                : inOrder(seen, other, Optional.empty(), cipher, payload, "gbytes_per_core_second");
        double[] ratios = new double[node.length];
        for (int i = 0; i < node.length; i++) {
            ratios[i] = node[i] / beside[i];
        }
        return Samples.of(ratios);
    }

    /// Seconds of processor time for a gigabyte.
    private static Samples costs(JsonNode seen, String subject) {
        double[] rates = inOrder(seen, subject, Optional.empty(), AES, 1_400, "gbytes_per_core_second");
        double[] costs = new double[rates.length];
        for (int i = 0; i < rates.length; i++) {
            costs[i] = 1 / rates[i];
        }
        return Samples.of(costs);
    }

    private static Samples of(JsonNode seen, String subject, String cipher, int payload, String key) {
        return Samples.of(inOrder(seen, subject, Optional.empty(), cipher, payload, key));
    }

    private static Samples rates(JsonNode seen, String subject, Optional<Integer> variant, String cipher, int payload) {
        return Samples.of(inOrder(seen, subject, variant, cipher, payload, "gbytes_per_core_second"));
    }

    private static double[] inOrder(
            JsonNode seen, String subject, Optional<Integer> variant, String cipher, int payload, String key) {
        List<Double> found = new ArrayList<>();
        for (JsonNode figures : seen) {
            if (figures.required("subject").stringValue().equals(subject)
                    && figures.required("cipher").stringValue().equals(cipher)
                    && figures.required("payload").intValue() == payload
                    && (variant.isEmpty() || figures.required("variant").intValue() == variant.get())) {
                found.add(figures.required(key).doubleValue());
            }
        }
        if (found.isEmpty()) {
            throw new NetworkFailure("the load measured no " + subject + " with " + cipher + " and " + payload);
        }
        return found.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
