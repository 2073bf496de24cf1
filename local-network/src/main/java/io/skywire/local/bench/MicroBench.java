package io.skywire.local.bench;

import io.skywire.local.ChildProcess;
import io.skywire.local.Experiment;
import io.skywire.local.Installation;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The steps of a packet's way through a relay, one by one, with JMH, shortly: enough to see which one changed.
@Command(name = "micro", description = "JMH of codec, seal, open, lookup, rule apply and frame builder, shortly.")
final class MicroBench extends Experiment {
    private static final String WHICH = "RelayPathBenchmark";
    private static final Set<String> STEPS = Set.of(
            "codec", "seal", "open", "lookupAndForward", "lookupAndForwardInBatches", "ruleApply", "frameBuilder");
    private static final Duration LIMIT = Duration.ofMinutes(15);
    private static final Duration END = Duration.ofSeconds(5);

    @Option(names = "--only", defaultValue = ".*", description = "a regular expression for the names of the steps")
    private String only = ".*";

    @Option(names = "--forks", defaultValue = "1", description = "JVMs for each (default: 1)")
    private int forks;

    @Override
    protected Report run(RunHome home, Progress progress) {
        Installation installation = Installation.ofThisProcess();
        List<ChildProcess> children = new ArrayList<>();
        home.endOnSignal(() -> ChildProcess.endAll(children, END));
        Path results = home.scratch().resolve("jmh.json");
        try {
            List<String> command = new ArrayList<>(installation.java("benchmarks", "512m", "org.openjdk.jmh.Main"));
            command.addAll(List.of(
                    WHICH + "\\." + only + "$",
                    "-f",
                    String.valueOf(forks),
                    "-wi",
                    "2",
                    "-w",
                    "300ms",
                    "-i",
                    "4",
                    "-r",
                    "300ms",
                    "-rf",
                    "json",
                    "-rff",
                    results.toString()));
            ChildProcess process = ChildProcess.start("jmh", command, home);
            children.add(process);
            boolean ended = progress.step("measure", () -> Patience.until(LIMIT, () -> !process.isAlive()));
            if (!ended || !Files.exists(results)) {
                throw new NetworkFailure(
                        "JMH left no results; the end of its log:\n" + String.join("\n", process.lines()));
            }
            return report(new JsonMapper().readTree(Files.readString(results)));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } finally {
            ChildProcess.endAll(children, END);
        }
    }

    private Report report(JsonNode results) {
        List<Map<String, Object>> rows = new ArrayList<>();
        Set<String> measured = new TreeSet<>();
        for (JsonNode result : results) {
            String name = result.required("benchmark").stringValue();
            String step = name.substring(name.lastIndexOf('.') + 1);
            JsonNode metric = result.required("primaryMetric");
            double score = metric.required("score").doubleValue();
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("step", step);
            result.path("params")
                    .properties()
                    .forEach(entry -> row.put(entry.getKey(), entry.getValue().stringValue()));
            row.put("nanoseconds", Samples.rounded(score, 1));
            row.put("error", Samples.rounded(metric.path("scoreError").asDouble(Double.NaN), 1));
            rows.add(row);
            if (score > 0) {
                measured.add(step);
            }
        }
        Set<String> wanted = new TreeSet<>(STEPS);
        wanted.removeIf(step -> !step.matches(only));
        return new Report()
                .exactly("steps", List.copyOf(measured), List.copyOf(wanted))
                .put("rows", rows);
    }
}
