package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ThroughMessagingResultTest {
    private static final ProcessMemory.Search.Nowhere SEARCHED =
            new ProcessMemory.Search.Nowhere(ProcessMemory.Extent.ALL_IT_CAN_WRITE_TO, 5_000);
    private static final List<Consumer<ThroughMessagingResult>> ALL = List.of(
            result -> result.transferred(new Curl.Fetch.Fetched(1_000, Duration.ofMillis(100), Duration.ofMillis(500))),
            result -> result.directLinks(0),
            result -> result.relayed(1_100, false),
            result -> result.searched(SEARCHED),
            ThroughMessagingResult::upgraded,
            result -> result.rulesPulledBy(Set.of("direct", "messaging")));

    private static ThroughMessagingResult of(List<Consumer<ThroughMessagingResult>> parts) {
        ThroughMessagingResult result = new ThroughMessagingResult();
        parts.forEach(part -> part.accept(result));
        return result;
    }

    @Test
    void holdsOnlyWhenAllWasSeen() {
        assertThat(of(ALL).held()).isTrue();
        for (int left = 0; left < ALL.size(); left++) {
            List<Consumer<ThroughMessagingResult>> without = new ArrayList<>(ALL);
            without.remove(left);
            assertThat(of(without).held()).as("without part %d", left).isFalse();
        }
    }

    @Test
    void aServerThatSawOrKeptPlaintextOrCarriedLessThanArrivedIsNotSealed() {
        ThroughMessagingResult seen = of(ALL);
        seen.relayed(1_100, true);
        ThroughMessagingResult little = of(ALL);
        little.relayed(999, false);

        ThroughMessagingResult kept = of(ALL);
        kept.foundInMemory();

        assertThat(List.of(seen, little, kept)).allSatisfy(result -> {
            assertThat(result.held()).isFalse();
            assertThat(result.json()).contains("\"relay_saw_plaintext\":true");
        });
    }

    @Test
    void theKeysAreTheContract() {
        assertThat(of(ALL).json())
                .isEqualTo(
                        "{\"held\":true,\"bytes\":1000,\"sha256_match\":true,\"megabytes_per_second\":0.002,"
                                + "\"direct_links_between_ends\":0,\"rules_pulled_by\":[\"direct\",\"messaging\"],"
                                + "\"relay_saw_plaintext\":false,\"relay_memory_searched_bytes\":5000,\"upgraded_to_tcp\":true}");
        assertThat(of(ALL).text()).endsWith("held").doesNotContain("NO");
        assertThat(of(List.of()).text()).endsWith("did not hold");
    }
}
