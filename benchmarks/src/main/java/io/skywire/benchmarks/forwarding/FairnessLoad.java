package io.skywire.benchmarks.forwarding;

import io.skywire.node.config.KeyFile;
import io.skywire.node.loops.EventLoops;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import tools.jackson.databind.json.JsonMapper;

/// Sessions that all want more than there is, through one node, and prints one JSON object of what each got.
///
/// `FairnessLoad KEYS REPETITIONS NODE SESSIONS,…`; KEYS is the directory of the key files of `source` and `sink`, NODE
/// is `KEY PORT METRICS_PORT PID`. The node must have rules for as many routes as sessions are asked for in all, and
/// [#BESIDE] more and one.
final class FairnessLoad {
    /// Sessions beside which one reads slowly.
    static final int BESIDE = 8;

    private static final Duration WARM_UP = Duration.ofSeconds(5);
    private static final Duration FINDING_ITS_SHARE = Duration.ofMillis(10);
    private static final Duration WINDOW = Duration.ofSeconds(3);
    private static final Duration SLOW_WINDOW = Duration.ofSeconds(2);
    private static final Duration SETTLE = Duration.ofSeconds(1);

    private FairnessLoad() {}

    public static void main(String[] arguments) throws Exception {
        EventLoops.withoutLeakDetection(); // as the node
        Path keys = Path.of(arguments[0]);
        int repetitions = Integer.parseInt(arguments[1]);
        NodeUnderTest node = NodeUnderTest.of(arguments, 2);
        int[] counts = Arrays.stream(arguments[6].split(",", -1))
                .mapToInt(Integer::parseInt)
                .toArray();
        HttpClient http = HttpClient.newHttpClient();
        try (SessionEnds ends = SessionEnds.between(
                KeyFile.read(keys.resolve("source.key")), KeyFile.read(keys.resolve("sink.key")), node)) {
            List<Map<String, Object>> rows = new ArrayList<>();
            for (int count : counts) {
                rows.add(row(ends, count, repetitions, node, http));
            }
            Map<String, Object> seen = new LinkedHashMap<>();
            seen.put("rows", rows);
            seen.put("slow_reader_cost", slowReader(ends.open(BESIDE + 1), repetitions));
            System.out.println(new JsonMapper().writeValueAsString(seen));
        }
        System.exit(0);
    }

    private static Map<String, Object> row(
            SessionEnds ends, int count, int repetitions, NodeUnderTest node, HttpClient http) throws Exception {
        List<SessionEnds.Session> sessions = ends.open(count);
        sessions.forEach(SessionEnds.Session::send);
        rest(WARM_UP.plus(FINDING_ITS_SHARE.multipliedBy(sessions.size())));
        List<Map<String, Object>> windows = new ArrayList<>();
        double dropped = node.metric(http, "skywire_node_packets_dropped_total");
        long droppedAtEnds = ends.dropped();
        for (int i = 0; i < repetitions; i++) {
            long[] got = got(sessions, WINDOW);
            double mean = LongStream.of(got).average().orElse(0);
            Map<String, Object> window = new LinkedHashMap<>();
            window.put("jain", jain(got));
            window.put("slowest_over_mean", LongStream.of(got).min().orElse(0) / Math.max(1, mean));
            window.put("mbit_per_second", mean * got.length * 8e-6 / WINDOW.toSeconds());
            window.put("direct_memory_bytes", node.metric(http, "skywire_node_direct_memory_bytes"));
            windows.add(window);
        }
        droppedAtEnds = ends.dropped() - droppedAtEnds;
        sessions.forEach(SessionEnds.Session::close);
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("sessions", count);
        row.put("windows", windows);
        row.put("direct_memory_budget_bytes", node.metric(http, "skywire_node_direct_memory_budget_bytes"));
        row.put("dropped_packets", node.metric(http, "skywire_node_packets_dropped_total") - dropped);
        row.put("dropped_packets_at_ends", droppedAtEnds);
        rest(SETTLE);
        return row;
    }

    /// What a session whose reader takes next to nothing takes from the others: one less what they got beside it, over
    /// what they got while it was silent, in turns.
    private static List<Double> slowReader(List<SessionEnds.Session> sessions, int repetitions) {
        SessionEnds.Session slow = sessions.getLast();
        List<SessionEnds.Session> others = sessions.subList(0, sessions.size() - 1);
        others.forEach(SessionEnds.Session::send);
        rest(WARM_UP);
        slow.readSlowly();
        List<Double> costs = new ArrayList<>();
        for (int i = 0; i < repetitions; i++) {
            slow.pause();
            rest(SETTLE);
            long without = LongStream.of(got(others, SLOW_WINDOW)).sum();
            slow.send();
            rest(SETTLE);
            long beside = LongStream.of(got(others, SLOW_WINDOW)).sum();
            costs.add(1 - (double) beside / Math.max(1, without));
        }
        sessions.forEach(SessionEnds.Session::close);
        return costs;
    }

    private static long[] got(List<SessionEnds.Session> sessions, Duration time) {
        long[] before = sessions.stream().mapToLong(SessionEnds.Session::got).toArray();
        rest(time);
        return IntStream.range(0, before.length)
                .mapToLong(i -> sessions.get(i).got() - before[i])
                .toArray();
    }

    /// Jain's index: 1 where all have the same, 1/n where one has all.
    static double jain(long[] shares) {
        double sum = 0;
        double squares = 0;
        for (long share : shares) {
            sum += share;
            squares += (double) share * share;
        }
        return squares == 0 ? 0 : sum * sum / (shares.length * squares);
    }

    private static void rest(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
