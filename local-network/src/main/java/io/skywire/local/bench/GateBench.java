package io.skywire.local.bench;

import io.skywire.local.ChildProcess;
import io.skywire.local.Experiment;
import io.skywire.local.Installation;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Whether the relay path has become slow: its speed beside that of a bare loop, in one JVM, in turns. The bound lies
/// far below what is usual, so that only a real loss fails it, on any machine.
@Command(name = "gate", description = "The relay path beside a bare loop in one JVM: fails when much is lost.")
final class GateBench extends Experiment {
    private static final double LEAST = 0.65;
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration END = Duration.ofSeconds(5);

    @Option(names = "--rounds", defaultValue = "5", description = "of each; the best counts (default: 5)")
    private int rounds;

    @Override
    protected Report run(RunHome home, Progress progress) {
        Installation installation = Installation.ofThisProcess();
        List<ChildProcess> children = new ArrayList<>();
        home.endOnSignal(() -> ChildProcess.endAll(children, END));
        try {
            List<String> command = new ArrayList<>(
                    installation.java("benchmarks", "256m", "io.skywire.benchmarks.forwarding.RelayGate"));
            command.add(String.valueOf(rounds));
            ChildProcess process = ChildProcess.start("gate", command, home);
            children.add(process);
            String line = progress.step("measure", () -> Lines.await(process, said -> said.startsWith("{"), LIMIT));
            JsonNode figures = new JsonMapper().readTree(line);
            Samples product = samples(figures.required("product"));
            Samples bare = samples(figures.required("bare"));
            return new Report()
                    .atLeast("ratio_to_bare_loop", product.percentile(100) / bare.percentile(100), LEAST)
                    .put("gbytes_per_core_second", product.percentile(100))
                    .put("gbytes_per_core_second_range", product.range(3))
                    .put("bare_loop_gbytes_per_core_second", bare.percentile(100))
                    .put("bare_loop_range", bare.range(3))
                    .put("rounds", rounds);
        } finally {
            ChildProcess.endAll(children, END);
        }
    }

    private static Samples samples(JsonNode each) {
        double[] values = new double[each.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = each.get(i).doubleValue();
        }
        return Samples.of(values);
    }
}
