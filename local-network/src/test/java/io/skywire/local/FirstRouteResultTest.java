package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FirstRouteResultTest {
    private static final List<Consumer<FirstRouteResult>> ALL = List.of(
            result -> result.nodes(7),
            result -> result.intermediaries(3),
            result -> result.transferred(
                    new Curl.Fetch.Fetched(104_857_600, Duration.ofMillis(123), Duration.ofMillis(1_500))),
            FirstRouteResult::sha256Matched,
            FirstRouteResult::explicitPathFollowed,
            FirstRouteResult::unlistedSignerRefused,
            FirstRouteResult::relaysAreBlind,
            FirstRouteResult::tornDown);

    @Test
    void holdsOnlyWhenAllWasSeen() {
        assertThat(of(ALL).held()).isTrue();
        for (int left = 0; left < ALL.size(); left++) {
            List<Consumer<FirstRouteResult>> without = new java.util.ArrayList<>(ALL);
            without.remove(left);
            assertThat(of(without).held()).as("without part %d", left).isFalse();
        }
    }

    @Test
    void doesNotHoldWhenAnythingFailed() {
        FirstRouteResult result = of(ALL);
        result.failed("n3 ended");

        assertThat(result.held()).isFalse();
        assertThat(json(result).at("/why/0").asString()).isEqualTo("n3 ended");
        assertThat(result.text()).contains("because: n3 ended").endsWith("did not hold");
    }

    @Test
    void doesNotHoldWithAnotherNumberOfIntermediaries() {
        FirstRouteResult result = of(ALL);
        result.intermediaries(4);

        assertThat(result.held()).isFalse();
    }

    @Test
    void saysTheKeysOfTheContractEvenWhenNothingWasReached() {
        for (FirstRouteResult result : List.of(of(ALL), new FirstRouteResult())) {
            assertThat(json(result).propertyNames())
                    .contains(
                            "held",
                            "nodes",
                            "intermediaries",
                            "bytes",
                            "sha256_match",
                            "setup_ms",
                            "transfer_seconds",
                            "explicit_path_followed",
                            "unlisted_signer_refused",
                            "relay_knows",
                            "torn_down");
        }
        assertThat(json(new FirstRouteResult()).get("setup_ms").isNull()).isTrue();
    }

    @Test
    void writesWhatItMeasured() {
        FirstRouteResult result = of(ALL);
        result.relaysKnow(Set.of("ingress"));
        JsonNode json = json(result);

        assertThat(json.get("held").asBoolean()).isTrue();
        assertThat(json.get("bytes").asLong()).isEqualTo(104_857_600);
        assertThat(json.get("setup_ms").asDouble()).isEqualTo(123);
        assertThat(json.get("transfer_seconds").asDouble()).isEqualTo(1.5);
        assertThat(json.get("megabytes_per_second").asDouble()).isEqualTo(69.905);
        assertThat(json.at("/relay_knows/0").asString()).isEqualTo("ingress");
        assertThat(result.json()).doesNotContain("\n");
        assertThat(result.text()).endsWith("held").doesNotContain("NO");
    }

    private static FirstRouteResult of(List<Consumer<FirstRouteResult>> parts) {
        FirstRouteResult result = new FirstRouteResult();
        parts.forEach(part -> part.accept(result));
        return result;
    }

    private static JsonNode json(FirstRouteResult result) {
        return new JsonMapper().readTree(result.json());
    }
}
