package io.skywire.local.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.local.Report;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RouteFinderBenchTest {
    private static final Map<String, Number> GOOD = Map.of(
            "nodes", 100_000,
            "transports", 1_000_000,
            "hops_p99_us", 900.5,
            "weighted_p99_us", 4_900,
            "disjoint4_p99_us", 29_000,
            "snapshot_bytes_per_transport", 99,
            "speedup_weighted_p50", 21,
            "mismatches", 0);

    @Test
    void holdsWhenEveryTargetOfTheSizeIsMet() {
        assertThat(RouteFinderBench.judged(GOOD).held()).isTrue();
    }

    @Test
    void namesTheTargetThatWasMissed() {
        for (String key : GOOD.keySet()) {
            if (key.equals("nodes") || key.equals("transports")) {
                continue;
            }
            Map<String, Number> bad = new HashMap<>(GOOD);
            bad.put(key, key.startsWith("speedup") ? 19 : bad.get(key).doubleValue() * 2 + 1);

            Report report = RouteFinderBench.judged(bad);

            assertThat(report.held()).as(key).isFalse();
            assertThat(report.json()).contains(key + " is");
        }
    }

    @Test
    void theSmallNetworkHasBoundsOfItsOwn() {
        Map<String, Number> small = new LinkedHashMap<>(GOOD);
        small.put("nodes", 15_000);
        small.put("transports", 50_000);

        assertThat(RouteFinderBench.judged(small).json())
                .contains("weighted_p99_us is")
                .contains("disjoint4_p99_us is")
                .doesNotContain("hops_p99_us is");
    }

    @Test
    void anotherSizeIsToldOnlyButMustBeRight() {
        Map<String, Number> other = new LinkedHashMap<>(GOOD);
        other.put("nodes", 1_000);
        other.put("weighted_p99_us", 1e9);
        assertThat(RouteFinderBench.judged(other).held()).isTrue();

        other.put("mismatches", 1);
        assertThat(RouteFinderBench.judged(other).held()).isFalse();
    }
}
