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
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Who gets how much when many sessions want more than one node relays, and what a session whose reader is slow takes
/// from the others.
///
/// Two processes: the node, with one event loop, and both ends of all sessions, which are real ones. Where `taskset`
/// and a second core exist, the node runs on the first core and the ends on the others.
@Command(name = "fairness", description = "Many sessions through one node, and one with a slow reader.")
final class FairnessBench extends Experiment {
    private static final List<Integer> SESSIONS = List.of(1, 32, 1_000);
    private static final int BESIDE_A_SLOW_READER = 8;
    private static final String LOAD_HEAP = "1g";
    private static final Duration LOAD = Duration.ofMinutes(10);
    private static final Duration END = Duration.ofSeconds(5);
    private static final Duration IDLE = Duration.ofHours(1);
    private static final double LEAST_JAIN = 0.9;
    private static final double STARVED = 0.05;
    private static final double MOST_COST = 0.1;
    private static final long NODE_HEAP_BYTES = 512L << 20; // the JVM's own limit of direct memory

    @Option(names = "--repetitions", defaultValue = "5", description = "of each measurement (default: 5)")
    private int repetitions;

    @Override
    protected Report run(RunHome home, Progress progress) {
        if (!Files.isDirectory(Path.of("/proc/self"))) {
            throw new MachineLacks("this benchmark needs Linux: it reads processor times in /proc");
        }
        Installation installation = Installation.ofThisProcess();
        List<ChildProcess> children = new ArrayList<>();
        home.endOnSignal(() -> ChildProcess.endAll(children, END));
        try (RuleGiver giver = RuleGiver.start()) {
            BenchNode node = progress.step("start a node", () -> node(giver, installation, home, children));
            JsonNode seen = progress.step("measure", () -> load(node, installation, home, children));
            return report(seen);
        } finally {
            ChildProcess.endAll(children, END);
        }
    }

    private static BenchNode node(
            RuleGiver giver, Installation installation, RunHome home, List<ChildProcess> children) {
        PublicKey key = BenchNode.key(home, "node");
        TransportId source = TransportId.between(key, BenchNode.key(home, "source"), TransportType.TCP);
        TransportId sink = TransportId.between(key, BenchNode.key(home, "sink"), TransportType.TCP);
        List<Rule> rules = new ArrayList<>();
        int routes = SESSIONS.stream().mapToInt(Integer::intValue).sum() + BESIDE_A_SLOW_READER + 1;
        for (int id = 1; id <= routes; id++) {
            rules.add(new Rule.Relay(source, new RouteId(id), sink, new RouteId(id), IDLE));
            rules.add(new Rule.Relay(sink, new RouteId(id), source, new RouteId(id), IDLE));
        }
        giver.rules(key, rules);
        return BenchNode.start(
                "node",
                Cores.first(),
                new BenchNode.Obeys(giver.port(), giver.serviceKey(), giver.setupKey()),
                "event_loops: 1\n",
                installation,
                home,
                children);
    }

    private JsonNode load(BenchNode node, Installation installation, RunHome home, List<ChildProcess> children) {
        List<String> command = new ArrayList<>(Cores.others());
        command.addAll(installation.java("benchmarks", LOAD_HEAP, "io.skywire.benchmarks.forwarding.FairnessLoad"));
        command.addAll(List.of(
                home.scratch().toString(),
                String.valueOf(repetitions),
                node.key().hex(),
                String.valueOf(node.listen()),
                String.valueOf(node.metrics()),
                String.valueOf(node.process().pid()),
                SESSIONS.stream().map(String::valueOf).collect(Collectors.joining(","))));
        ChildProcess process = ChildProcess.start("load", command, home);
        children.add(process);
        String figures = Lines.await(process, line -> line.startsWith("{"), LOAD);
        try {
            return new JsonMapper().readTree(figures);
        } catch (JacksonException malformed) {
            throw new NetworkFailure("the load printed this instead of figures: " + figures);
        }
    }

    private static Report report(JsonNode seen) {
        Report report = new Report();
        List<Map<String, Object>> rows = new ArrayList<>();
        for (JsonNode of : seen.required("rows")) {
            int sessions = of.required("sessions").intValue();
            Samples jain = samples(of, "jain");
            Samples slowest = samples(of, "slowest_over_mean");
            Samples rate = samples(of, "mbit_per_second");
            Samples memory = samples(of, "direct_memory_bytes");
            double most = memory.percentile(100);
            double said = of.required("direct_memory_budget_bytes").doubleValue();
            double budget = said > 0 ? said : NODE_HEAP_BYTES;
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("sessions", sessions);
            row.put("jain", jain.median(4));
            row.put("slowest_over_mean", slowest.median(3));
            row.put("direct_memory_bytes", Math.round(most));
            row.put("direct_memory_budget_bytes", Math.round(budget));
            row.put("mbit_per_second", rate.median(0));
            row.put("dropped_packets", of.required("dropped_packets").longValue());
            row.put(
                    "dropped_packets_at_ends",
                    of.required("dropped_packets_at_ends").longValue());
            row.put(
                    "ranges",
                    Map.of(
                            "jain", jain.range(4),
                            "slowest_over_mean", slowest.range(3),
                            "mbit_per_second", rate.range(0)));
            rows.add(row);
            report.atLeast("jain_" + sessions, jain.median(), LEAST_JAIN)
                    .atLeast("slowest_over_mean_" + sessions, slowest.median(), STARVED)
                    .atMost("direct_memory_of_budget_" + sessions, most / budget, 1);
        }
        Samples cost = Samples.of(
                StreamSupport.stream(seen.required("slow_reader_cost").spliterator(), false)
                        .mapToDouble(JsonNode::doubleValue)
                        .toArray());
        return report.put("rows", rows)
                .atMost("slow_reader_cost_fraction", cost.median(), MOST_COST)
                .put("slow_reader_cost_range", cost.range(3));
    }

    private static Samples samples(JsonNode row, String key) {
        return Samples.of(StreamSupport.stream(row.required("windows").spliterator(), false)
                .mapToDouble(window -> window.required(key).doubleValue())
                .toArray());
    }
}
