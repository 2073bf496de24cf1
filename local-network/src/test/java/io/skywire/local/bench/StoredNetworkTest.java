package io.skywire.local.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.local.bench.QuestionLoad.Answered;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

final class StoredNetworkTest {
    @Test
    void growsTheSameNetworkFromTheSameSeed() {
        StoredNetwork one = new StoredNetwork(50, 200, 7);
        StoredNetwork same = new StoredNetwork(50, 200, 7);
        StoredNetwork other = new StoredNetwork(50, 200, 8);

        assertThat(one.nodes()).hasSize(50).doesNotHaveDuplicates().isEqualTo(same.nodes());
        assertThat(other.nodes()).doesNotContainAnyElementsOf(one.nodes());
        assertThat(one.transports()).isEqualTo(same.transports()).isBetween(150, 200);
    }

    @Test
    void askersAskOneQuestionAfterTheOtherUntilTheTimeIsOver() {
        Set<Integer> asked = ConcurrentHashMap.newKeySet();

        try (QuestionLoad load = new QuestionLoad(2, number -> asked::add)) {
            Answered answered = load.askFor(Duration.ofMillis(20));

            assertThat(answered.nanos()).isSorted().hasSizeGreaterThanOrEqualTo(asked.size());
            assertThat(asked).contains(0).contains(7919);
            assertThat(answered.perSecond()).isPositive();
            assertThat(answered.millis(0.5)).isLessThanOrEqualTo(answered.millis(0.99));
        }
    }
}
