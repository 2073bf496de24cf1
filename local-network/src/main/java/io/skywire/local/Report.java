package io.skywire.local;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// What a drill or a benchmark saw: figures in the order in which they were put, and which targets they missed.
///
/// A figure with a target counts against [#held]; one without is told only. Not safe for several threads.
/// ```
/// { "held": false, "seconds": 71.3, "errors_5xx": 0, …, "missed": ["seconds is 71.3, wanted at most 60"] }
/// ```
public final class Report {
    private final Map<String, @Nullable Object> figures = new LinkedHashMap<>();
    private final List<String> missed = new ArrayList<>();
    private final List<Target> targets = new ArrayList<>();

    /// Which side of its bound a figure is wanted on; the bound itself is good.
    enum Wanted {
        AT_LEAST("≥ "),
        AT_MOST("≤ ");

        private final String sign;

        Wanted(String sign) {
            this.sign = sign;
        }
    }

    /// A figure and what was wanted of it.
    record Target(String key, double value, Wanted wanted, double bound) {
        boolean isMet() {
            return switch (wanted) {
                case AT_LEAST -> value >= bound;
                case AT_MOST -> value <= bound;
            };
        }

        /// Such as `0.47 ≥ 0.45`.
        String figures() {
            return plain(value) + (isMet() ? "   " : " ! ") + wanted.sign + plain(bound);
        }
    }

    /// A figure without a target: a number, a text, a truth, a list or a map of them.
    public Report put(String key, Object value) {
        if (figures.containsKey(key)) {
            throw new IllegalArgumentException("put twice: " + key);
        }
        figures.put(key, value instanceof Double number ? rounded(number) : value);
        return this;
    }

    public Report atMost(String key, double value, double bound) {
        return target(new Target(key, value, Wanted.AT_MOST, bound), "at most " + plain(bound));
    }

    public Report atLeast(String key, double value, double bound) {
        return target(new Target(key, value, Wanted.AT_LEAST, bound), "at least " + plain(bound));
    }

    public Report exactly(String key, Object value, Object wanted) {
        put(key, value);
        if (!value.equals(wanted)) {
            missed.add(key + " is " + value + ", wanted " + wanted);
        }
        return this;
    }

    /// Something that is no figure did not hold.
    public Report failed(String reason) {
        missed.add(reason);
        return this;
    }

    /// Whether there is a figure and none missed its target.
    public boolean held() {
        return missed.isEmpty() && !figures.isEmpty();
    }

    /// Prints one JSON object, or lines for people, and returns the exit code.
    public int print(PrintWriter out, Form form) {
        switch (form) {
            case JSON -> out.println(json());
            case TEXT -> out.println(text());
        }
        out.flush();
        return held() ? LocalMain.HELD : LocalMain.DID_NOT_HOLD;
    }

    /// How a report is printed.
    public enum Form {
        JSON,
        TEXT
    }

    /// Draws the figures that have bounds as a PNG.
    void plot(String title, Path file) {
        TargetPlot.write(title, targets, file);
    }

    public String json() {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("held", held());
        all.putAll(figures);
        if (!missed.isEmpty()) {
            all.put("missed", missed);
        }
        return new JsonMapper().writeValueAsString(all);
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        figures.forEach((key, value) -> text.append(String.format(Locale.ROOT, "  %-40s %s%n", key, value)));
        missed.forEach(reason -> text.append("  NOT HELD: ").append(reason).append('\n'));
        return text.append(held() ? "held" : "did not hold").toString();
    }

    private Report target(Target target, String wanted) {
        put(target.key(), target.value());
        targets.add(target);
        if (!target.isMet()) {
            missed.add(target.key() + " is " + plain(target.value()) + ", wanted " + wanted);
        }
        return this;
    }

    private static Number rounded(double value) {
        if (!Double.isFinite(value)) {
            return value;
        }
        double rounded = Math.abs(value) < 1 ? Math.round(value * 1e6) / 1e6 : Math.round(value * 1e3) / 1e3;
        if (rounded == Math.rint(rounded) && Math.abs(rounded) < 1e15) {
            return (long) rounded;
        }
        return rounded;
    }

    private static String plain(double value) {
        return String.valueOf(rounded(value));
    }
}
