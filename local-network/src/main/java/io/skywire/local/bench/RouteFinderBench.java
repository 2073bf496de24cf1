package io.skywire.local.bench;

import io.skywire.local.Experiment;
import io.skywire.local.Installation;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Progress;
import io.skywire.local.Report;
import io.skywire.local.RunHome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// `./skywire bench route-finder`: the finder alone in a process of its own, beside JGraphT on the same network.
///
/// The targets hold for the two sizes that they name; another size is told only, apart from `mismatches`.
@Command(
        name = "route-finder",
        description = "Times of the route finder on a scale-free network, beside JGraphT on the same one.")
public final class RouteFinderBench extends Experiment {
    private static final Duration LONGEST = Duration.ofMinutes(30);
    private static final String MAIN = "io.skywire.benchmarks.RouteFinderBenchmark";

    @Option(names = "--nodes", description = "default: ${DEFAULT-VALUE}", defaultValue = "15000")
    private int nodes;

    @Option(names = "--transports", description = "default: ${DEFAULT-VALUE}", defaultValue = "50000")
    private int transports;

    @Option(
            names = "--seed",
            description = "of network and questions; default: ${DEFAULT-VALUE}",
            defaultValue = "20260101")
    private long seed;

    @Option(
            names = "--scaling",
            description = "1 000 to 1 000 000 nodes instead, without JGraphT; writes the table and the plot in"
                    + " docs/benchmarks (some minutes)")
    private boolean scaling;

    /// What is wanted of a network of this size.
    private enum Size {
        SMALL,
        LARGE,
        OTHER
    }

    @Override
    protected Report run(RunHome home, Progress progress) {
        Installation installation = Installation.ofThisProcess();
        List<String> command = new ArrayList<>(installation.java("benchmarks", "4g", MAIN));
        if (scaling) {
            Path directory = installation.root().resolve("docs/benchmarks");
            command.addAll(List.of("--scaling", directory.toString()));
            progress.step("networks of 1 000 to 1 000 000 nodes", () -> output(command, home));
            return new Report()
                    .put("written", directory.resolve("route-finder.md").toString());
        }
        command.addAll(List.of("--nodes", String.valueOf(nodes), "--transports", String.valueOf(transports)));
        command.addAll(List.of("--seed", String.valueOf(seed)));
        String said = progress.step("questions to both finders", () -> output(command, home));
        return judged(new JsonMapper().readValue(said, new TypeReference<Map<String, Number>>() {}));
    }

    static Report judged(Map<String, Number> figures) {
        Size size = size(
                figures.getOrDefault("nodes", 0).longValue(),
                figures.getOrDefault("transports", 0).longValue());
        Report report = new Report();
        figures.forEach((key, value) -> {
            double figure = value.doubleValue();
            switch (key) {
                case "mismatches" -> report.exactly(key, value.longValue(), 0L);
                case "hops_p99_us" -> atMost(report, key, figure, size, Double.NaN, 1_000);
                case "weighted_p99_us" -> atMost(report, key, figure, size, 500, 5_000);
                case "disjoint4_p99_us" -> atMost(report, key, figure, size, 3_000, 30_000);
                case "snapshot_bytes_per_transport" -> atMost(report, key, figure, size, Double.NaN, 100);
                case "speedup_weighted_p50" -> {
                    if (size == Size.LARGE) {
                        report.atLeast(key, figure, 20);
                    } else {
                        report.put(key, figure);
                    }
                }
                default -> report.put(key, figure);
            }
        });
        return report;
    }

    private static void atMost(Report report, String key, double figure, Size size, double small, double large) {
        double bound = switch (size) {
            case SMALL -> small;
            case LARGE -> large;
            case OTHER -> Double.NaN;
        };
        if (Double.isNaN(bound)) {
            report.put(key, figure);
        } else {
            report.atMost(key, figure, bound);
        }
    }

    private static Size size(long nodes, long transports) {
        if (nodes == 15_000 && transports == 50_000) {
            return Size.SMALL;
        }
        return nodes == 100_000 && transports == 1_000_000 ? Size.LARGE : Size.OTHER;
    }

    /// Runs the benchmark's process to its end and gives what it printed.
    private static String output(List<String> command, RunHome home) {
        Path out = home.scratch().resolve("route-finder.json");
        Path log = home.logs().resolve("route-finder.log");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(log.toFile())
                    .start();
            home.endOnSignal(process::destroyForcibly);
            try {
                if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
                    throw new NetworkFailure("the benchmark has not ended within " + LONGEST.toMinutes() + " minutes");
                }
            } finally {
                process.destroyForcibly();
            }
            if (process.exitValue() != 0) {
                throw new NetworkFailure(
                        "the benchmark ended with code " + process.exitValue() + "; its log is " + log);
            }
            return Files.readString(out);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new NetworkFailure("interrupted while the benchmark ran");
        }
    }
}
