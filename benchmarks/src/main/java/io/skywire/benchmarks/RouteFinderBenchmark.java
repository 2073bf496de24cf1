package io.skywire.benchmarks;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.skywire.control.routefinder.Route;
import io.skywire.control.routefinder.RouteAnswer;
import io.skywire.control.routefinder.RouteFinder;
import io.skywire.control.routefinder.RouteQuery;
import io.skywire.control.topology.Topology;
import io.skywire.control.topology.TopologyDraft;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.jgrapht.alg.interfaces.ShortestPathAlgorithm;

/// The route finder on a scale-free network, one thread, warmed up, beside JGraphT on the same network and questions.
///
/// ```
/// RouteFinderBenchmark --nodes N --transports T [--seed S] [--peer none]     prints one JSON object
/// RouteFinderBenchmark --scaling DIRECTORY                     writes the table and the plot of docs/benchmarks
/// ```
/// Times are those of `RouteFinder.find` as the control plane calls it: keys in, routes with keys out, near-equal
/// routes at random. `mismatches` counts answers that are dearer than JGraphT's: at all when the finder takes no
/// liberty, or by more than its liberty when it does; and answers by hops that are longer.
public final class RouteFinderBenchmark {
    static final long SEED = 20_260_101;
    private static final double SPREAD = 0.05;
    private static final long WORK = 10_000_000;
    private static final int PASSES = 3;
    private static final int ROUNDS = 3;
    private static final int MAX_HOPS = RouteQuery.MAX_HOPS;

    private final ScaleFreeNetwork network;
    private final Topology topology;
    private final double buildSeconds;
    private final double bytesPerTransport;
    private final RouteFinder finder;
    private final RouteFinder exact;
    private final long seed;
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    private RouteFinderBenchmark(int nodes, int transports, long seed) {
        this.seed = seed;
        network = ScaleFreeNetwork.grow(nodes, transports, seed);
        long before = usedHeap();
        long start = System.nanoTime();
        topology = network.topology();
        buildSeconds = (System.nanoTime() - start) / 1e9;
        bytesPerTransport = (usedHeap() - before) / (double) transports;
        finder = finder(SPREAD);
        exact = finder(0);
    }

    private RouteFinder finder(double spread) {
        return RouteFinder.over(() -> topology, new SplittableRandom(seed), WORK, spread, new SimpleMeterRegistry());
    }

    public static void main(String[] arguments) throws IOException {
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        String directory = options.get("--scaling");
        if (directory != null) {
            RouteFinderScaling.write(Path.of(directory));
            return;
        }
        int nodes = Integer.parseInt(options.getOrDefault("--nodes", "15000"));
        int transports = Integer.parseInt(options.getOrDefault("--transports", "50000"));
        long seed = Long.parseLong(options.getOrDefault("--seed", String.valueOf(SEED)));
        RouteFinderBenchmark benchmark = new RouteFinderBenchmark(nodes, transports, seed);
        Map<String, Double> figures = benchmark.alone();
        if (!"none".equals(options.get("--peer"))) {
            benchmark.beside(figures);
        }
        System.out.println(figures.entrySet().stream()
                .map(figure -> "\"" + figure.getKey() + "\": " + plain(figure.getValue()))
                .collect(Collectors.joining(", ", "{", "}")));
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.format(Locale.ROOT, "%.3f", value);
    }

    static Map<String, Double> scalingFigures(int nodes, int transports) {
        return new RouteFinderBenchmark(nodes, transports, SEED).alone();
    }

    /// What needs no peer.
    private Map<String, Double> alone() {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("nodes", (double) network.nodes());
        figures.put("transports", (double) network.transports());
        figures.put("seed", (double) seed);
        put(figures, "hops", time(finder, RouteQuery.Metric.HOPS, 1, 3000));
        put(figures, "weighted", time(finder, RouteQuery.Metric.COST, 1, 3000));
        put(figures, "disjoint4", time(finder, RouteQuery.Metric.COST, 4, 700));
        figures.put("snapshot_bytes_per_transport", bytesPerTransport);
        figures.put("build_seconds", buildSeconds);
        Percentiles changes = changes(20_000);
        figures.put("apply_change_p50_us", changes.median());
        figures.put("apply_change_p99_us", changes.at(99));
        return figures;
    }

    private static void put(Map<String, Double> figures, String name, Times times) {
        figures.put(name + "_p50_us", times.clock().median());
        figures.put(name + "_p99_us", times.clock().at(99));
        figures.put(name + "_p50_cpu_us", times.cpu().median());
        figures.put(name + "_p99_cpu_us", times.cpu().at(99));
    }

    private Times time(RouteFinder asked, RouteQuery.Metric metric, int count, int queries) {
        SplittableRandom warm = new SplittableRandom(seed + 1);
        for (int i = 0; i < queries; i++) {
            asked.find(query(warm, metric, count));
        }
        SplittableRandom random = new SplittableRandom(seed + 2);
        RouteQuery[] asking = new RouteQuery[queries];
        for (int i = 0; i < queries; i++) {
            asking[i] = query(random, metric, count);
        }
        long[][] passes = new long[PASSES][queries];
        long[][] cpu = new long[PASSES][queries];
        for (int pass = 0; pass < PASSES; pass++) {
            pass(asked, asking, passes[pass], cpu[pass]);
        }
        return new Times(new Percentiles(medians(passes)), new Percentiles(medians(cpu)));
    }

    /// What passed on the clock, and what the thread really worked: they differ when the machine does other things.
    private record Times(Percentiles clock, Percentiles cpu) {}

    private void pass(RouteFinder asked, RouteQuery[] asking, long[] nanos, long[] cpu) {
        for (int i = 0; i < asking.length; i++) {
            long cpuStart = threads.getCurrentThreadCpuTime();
            long start = System.nanoTime();
            RouteAnswer answer = asked.find(asking[i]);
            nanos[i] = System.nanoTime() - start;
            cpu[i] = threads.getCurrentThreadCpuTime() - cpuStart;
            if (!(answer instanceof RouteAnswer.Found found) || found.extent() == RouteAnswer.Extent.CUT) {
                throw new IllegalStateException("not answered in full: " + asking[i] + ": " + answer);
            }
        }
    }

    /// A question's time is the median of what it took in the passes: one stolen time slice of a busy machine is not
    /// its cost.
    private static long[] medians(long[][] passes) {
        long[] medians = new long[passes[0].length];
        for (int i = 0; i < medians.length; i++) {
            long[] times = new long[passes.length];
            for (int pass = 0; pass < passes.length; pass++) {
                times[pass] = passes[pass][i];
            }
            Arrays.sort(times);
            medians[i] = times[times.length / 2];
        }
        return medians;
    }

    private RouteQuery query(SplittableRandom random, RouteQuery.Metric metric, int count) {
        int from = random.nextInt(network.nodes());
        int to = random.nextInt(network.nodes());
        return query(from, to == from ? (to + 1) % network.nodes() : to, metric, count);
    }

    private RouteQuery query(int from, int to, RouteQuery.Metric metric, int count) {
        RouteQuery query =
                new RouteQuery(network.key(from), network.key(to), 0, MAX_HOPS, count, Set.of(), Set.of()).by(metric);
        return count == 1 ? query : query.choosing(RouteQuery.Choice.DISJOINT);
    }

    /// Transports go down, come back, and are measured anew, each published on its own.
    private Percentiles changes(int count) {
        SplittableRandom random = new SplittableRandom(seed + 3);
        Topology current = topology;
        long[] nanos = new long[count];
        for (int i = -count; i < count; i++) {
            int transport = random.nextInt(network.transports());
            boolean isUp = current.find(network.id(transport)).isPresent();
            boolean goesDown = isUp && random.nextInt(3) == 0;
            var change = network.transport(transport, ScaleFreeNetwork.quality(random));
            long start = System.nanoTime();
            TopologyDraft draft = current.draft(ScaleFreeNetwork.NOW);
            if (goesDown) {
                draft.down(change.up().id());
            } else {
                draft.up(change);
            }
            current = draft.publish(current.version() + 1, ScaleFreeNetwork.NOW);
            if (i >= 0) {
                nanos[i] = System.nanoTime() - start;
            }
        }
        return new Percentiles(nanos);
    }

    /// JGraphT on as many of the same questions as it answers in reasonable time.
    private void beside(Map<String, Double> figures) {
        JGraphTPeer peer = new JGraphTPeer(network, topology);
        int queries = network.transports() > 200_000 ? 60 : 400;
        SplittableRandom random = new SplittableRandom(seed + 2);
        int[][] pairs = new int[queries][];
        for (int i = 0; i < queries; i++) {
            RouteQuery query = query(random, RouteQuery.Metric.COST, 1);
            pairs[i] = new int[] {
                topology.find(query.from()).orElseThrow(),
                topology.find(query.to()).orElseThrow()
            };
        }
        double[] least = new double[queries];
        int slow = network.transports() > 200_000 ? 15 : queries;
        long[][] slowly = new long[1][];
        slowly[0] = timed(Arrays.copyOf(pairs, slow), asking(peer.dijkstra(), new double[slow]));
        Percentiles dijkstra = new Percentiles(medians(slowly));
        // Three passes of one, three of the other, again and again: what the machine does meanwhile falls on both.
        Question theirs = asking(peer.bidirectional(), least);
        Question our = (i, from, to) -> finder.find(query(from, to, RouteQuery.Metric.COST, 1));
        long[][] theirPasses = new long[ROUNDS * PASSES][];
        long[][] ourPasses = new long[ROUNDS * PASSES][];
        for (int round = -1; round < ROUNDS; round++) {
            for (int pass = 0; pass < 2 * PASSES; pass++) {
                boolean isTheirs = pass < PASSES;
                long[] nanos = timed(pairs, isTheirs ? theirs : our);
                if (round >= 0) { // the first round warms up
                    (isTheirs ? theirPasses : ourPasses)[round * PASSES + pass % PASSES] = nanos;
                }
            }
        }
        Percentiles bidirectional = new Percentiles(medians(theirPasses));
        Percentiles ours = new Percentiles(medians(ourPasses));
        double best = Math.min(dijkstra.median(), bidirectional.median());
        figures.put("jgrapht_queries", (double) queries);
        figures.put("jgrapht_dijkstra_p50_us", dijkstra.median());
        figures.put("jgrapht_bidirectional_p50_us", bidirectional.median());
        figures.put("jgrapht_weighted_p50_us", best);
        figures.put("same_queries_weighted_p50_us", ours.median());
        figures.put("speedup_weighted_p50", best / ours.median());
        figures.put("mismatches", (double) mismatches(peer, pairs, least));
    }

    private int mismatches(JGraphTPeer peer, int[][] pairs, double[] least) {
        int mismatches = 0;
        for (int i = 0; i < pairs.length; i++) {
            RouteQuery query = query(pairs[i][0], pairs[i][1], RouteQuery.Metric.COST, 1);
            mismatches += cost(exact.find(query)) == (long) least[i] ? 0 : 1;
            mismatches += cost(finder.find(query)) <= least[i] * (1 + SPREAD) * (1 + SPREAD) + MAX_HOPS ? 0 : 1;
            if (i < 40) {
                RouteAnswer hops = finder.find(query(pairs[i][0], pairs[i][1], RouteQuery.Metric.HOPS, 1));
                mismatches += first(hops).hops().size() == peer.hops(pairs[i][0], pairs[i][1]) ? 0 : 1;
            }
        }
        return mismatches;
    }

    /// The i-th question, asked of either finder.
    private interface Question {
        void ask(int i, int from, int to);
    }

    private static Question asking(ShortestPathAlgorithm<Integer, Integer> algorithm, double[] least) {
        return (i, from, to) -> least[i] = algorithm.getPath(from, to).getWeight();
    }

    private static long[] timed(int[][] pairs, Question question) {
        long[] nanos = new long[pairs.length];
        for (int i = 0; i < pairs.length; i++) {
            long start = System.nanoTime();
            question.ask(i, pairs[i][0], pairs[i][1]);
            nanos[i] = System.nanoTime() - start;
        }
        return nanos;
    }

    private static Route first(RouteAnswer answer) {
        return ((RouteAnswer.Found) answer).routes().getFirst();
    }

    private long cost(RouteAnswer answer) {
        return first(answer).hops().stream()
                .mapToLong(hop -> topology.price(topology.find(hop.transport()).orElseThrow()))
                .sum();
    }

    /// What is reachable, after the collector has run. Exact enough with the serial collector.
    private static long usedHeap() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
