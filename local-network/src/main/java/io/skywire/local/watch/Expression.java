package io.skywire.local.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A PromQL expression as dashboards and alerts hold it, and the series it needs.
public record Expression(String text) {
    private static final Pattern LABEL_LISTS =
            Pattern.compile("\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)");
    private static final Pattern RANGES = Pattern.compile("\\[[^\\]]*]");
    private static final Pattern SELECTOR = Pattern.compile(
            "(?<![0-9.])\\b([a-zA-Z_:][a-zA-Z0-9_:]*)\\s*(\\{(?:[^}\"]|\"(?:[^\"\\\\]|\\\\.)*\")*})?(\\s*\\()?");
    private static final Set<String> WORDS = Set.of("and", "or", "unless", "bool", "offset", "inf", "nan");

    /// A metric with what its labels must be, as `name{matchers}`, without a range.
    public record Selector(String metric, String text) {}

    /// With Grafana's variables filled in as for a dashboard that shows everything.
    public Expression filledIn(String rateInterval) {
        return new Expression(text.replace("$__rate_interval", rateInterval).replaceAll("\\$[a-z]+", ".*"));
    }

    /// Every vector selector in it.
    public List<Selector> selectors() {
        String bare = LABEL_LISTS.matcher(RANGES.matcher(text).replaceAll("")).replaceAll(" ");
        List<Selector> found = new ArrayList<>();
        Matcher each = SELECTOR.matcher(bare);
        while (each.find()) {
            boolean isFunction = each.group(3) != null;
            if (!isFunction && !WORDS.contains(each.group(1).toLowerCase(Locale.ROOT))) {
                found.add(new Selector(each.group(1), each.group(1) + (each.group(2) == null ? "" : each.group(2))));
            }
        }
        return found.stream().distinct().toList();
    }
}
