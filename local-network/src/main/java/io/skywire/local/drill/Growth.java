package io.skywire.local.drill;

import io.skywire.local.NetworkFailure;
import io.skywire.local.Report;
import io.skywire.local.SoakStage;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// What the processes and tables of a stage took at one moment, to be compared with what they take later. A process
/// that was started again in between is compared with the one before it. File handles of the control planes count
/// together: agents may hang at either of two equals.
///
/// Allowed is 15 % more and a constant for what a longer life brings anyhow: compiled code, more of a heap that was
/// touched once, a connection that happens to be open.
record Growth(Map<String, Long> pids, Map<String, Vitals> vitals, Map<String, Long> rows) {
    private static final double SHARE = 1.15;
    private static final long MIB = 1024;

    /// Those that hold the present and no history.
    private static final Set<String> BOUNDED = Set.of(
            "nodes",
            "node_facts",
            "node_rules",
            "node_revisions",
            "node_applied",
            "node_reachability",
            "transports",
            "transport_views",
            "agent_sessions",
            "replicas",
            "request_nonces",
            "messaging_entries");

    private static final String REPLICAS = "control-plane";

    static Growth from(SoakStage stage) {
        Map<String, Long> pids = stage.processes();
        Map<String, Vitals> vitals = new LinkedHashMap<>();
        pids.forEach((name, pid) -> vitals.put(name, Vitals.of(pid)));
        return new Growth(pids, vitals, rows(stage));
    }

    private static Map<String, Long> rows(SoakStage stage) {
        Map<String, Long> rows = new LinkedHashMap<>();
        try (Connection connection = stage.database();
                Statement statement = connection.createStatement()) {
            List<String> tables = new ArrayList<>();
            try (ResultSet names = statement.executeQuery(
                    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1")) {
                while (names.next()) {
                    tables.add(names.getString(1));
                }
            }
            for (String table : tables) {
                try (ResultSet count = statement.executeQuery("SELECT count(*) FROM \"" + table + "\"")) {
                    count.next();
                    rows.put(table, count.getLong(1));
                }
            }
            return rows;
        } catch (SQLException failure) {
            throw new NetworkFailure("the tables cannot be counted: " + failure.getMessage());
        }
    }

    /// Puts what has grown since, and what has grown too much.
    void tell(SoakStage stage, Report report) {
        Growth now = from(stage);
        report.put("memory_growth", grown("memory", now, each(Vitals::rssKib), 64 * MIB, report));
        report.put("heap_growth", grown("the live heap", now, each(Vitals::heapKib), 16 * MIB, report));
        report.put("threads_growth", grown("threads", now, each(Vitals::threads), 8, report));
        report.put("handles_growth", grown("file handles", now, Growth::handles, 16, report));
        double rowsGrowth = 0;
        Map<String, List<Long>> tables = new LinkedHashMap<>();
        for (Map.Entry<String, Long> table : now.rows.entrySet()) {
            long before = rows.getOrDefault(table.getKey(), 0L);
            tables.put(table.getKey(), List.of(before, table.getValue()));
            if (BOUNDED.contains(table.getKey())) {
                rowsGrowth = Math.max(rowsGrowth, growth(before, table.getValue()));
                judge("rows of " + table.getKey(), before, table.getValue(), 100, report);
            }
        }
        report.put("rows_growth", rowsGrowth);
        report.put("processes", processes(now));
        report.put("rows", tables);
    }

    private static Function<Map<String, Vitals>, Map<String, Long>> each(ToLongFunction<Vitals> figure) {
        return vitals -> {
            Map<String, Long> figures = new LinkedHashMap<>();
            vitals.forEach((name, one) -> figures.put(name, figure.applyAsLong(one)));
            return figures;
        };
    }

    static Map<String, Long> handles(Map<String, Vitals> vitals) {
        Map<String, Long> figures = new LinkedHashMap<>();
        vitals.forEach((name, one) ->
                figures.merge(name.startsWith(REPLICAS) ? REPLICAS + "s together" : name, one.handles(), Long::sum));
        return figures;
    }

    /// The largest share by which a process that was not killed has grown; what grew too much is told of all.
    private double grown(
            String what,
            Growth now,
            Function<Map<String, Vitals>, Map<String, Long>> figures,
            long constant,
            Report report) {
        double most = 0;
        Map<String, Long> later = figures.apply(now.vitals);
        for (Map.Entry<String, Long> before : figures.apply(vitals).entrySet()) {
            String name = before.getKey();
            @Nullable Long after = later.get(name);
            if (after == null) {
                report.failed(name + " is gone");
                continue;
            }
            judge(what + " of " + name, before.getValue(), after, constant, report);
            if (Objects.equals(pids.get(name), now.pids.get(name))) {
                most = Math.max(most, growth(before.getValue(), after));
            }
        }
        return most;
    }

    private static double growth(long before, long after) {
        return before == 0 ? after : (double) (after - before) / before;
    }

    private static void judge(String what, long before, long after, long constant, Report report) {
        if (after > before * SHARE + constant) {
            report.failed(what + " grew from " + before + " to " + after + ", allowed are 15 % and " + constant);
        }
    }

    private List<Map<String, Object>> processes(Growth now) {
        List<Map<String, Object>> table = new ArrayList<>();
        vitals.forEach((name, before) -> {
            Vitals after = now.vitals.getOrDefault(name, before);
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("name", name);
            row.put("killed", !Objects.equals(pids.get(name), now.pids.get(name)));
            row.put("rss_kib", List.of(before.rssKib(), after.rssKib()));
            row.put("heap_kib", List.of(before.heapKib(), after.heapKib()));
            row.put("threads", List.of(before.threads(), after.threads()));
            row.put("handles", List.of(before.handles(), after.handles()));
            table.add(row);
        });
        return table;
    }
}
