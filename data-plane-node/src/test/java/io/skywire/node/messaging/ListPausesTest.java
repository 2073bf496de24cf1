package io.skywire.node.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ListPausesTest {
    private static final Duration REFRESH = Duration.ofMinutes(1);

    private long now = 17;
    private final ListPauses lists = new ListPauses(REFRESH, new Random(17), now);

    private void pass(Duration time) {
        now += time.toNanos();
    }

    /// How long one who lacks a session waits until it may ask.
    private Duration pause() {
        long before = now;
        while (!lists.mayAsk(now)) {
            pass(Duration.ofMillis(1));
        }
        return Duration.ofNanos(now - before);
    }

    @Test
    void asksAtOnceAndSoonAgainWhileTheListIsEmpty() {
        assertThat(lists.mayAsk(now)).isTrue();
        assertThat(lists.isOld(now)).isTrue();

        lists.answered(ListPauses.Outcome.LIST, now);
        assertThat(lists.mayAsk(now)).isFalse();
        assertThat(pause()).isBetween(Duration.ofMillis(125), Duration.ofMillis(251));

        lists.answered(ListPauses.Outcome.NOTHING, now);
        assertThat(pause()).isBetween(Duration.ofMillis(250), Duration.ofMillis(501));
    }

    @Test
    void neverWaitsLongerThanTheLimit() {
        for (int i = 0; i < 200; i++) {
            lists.answered(ListPauses.Outcome.NOTHING, now);
            assertThat(pause()).isLessThanOrEqualTo(ListPauses.LAST.plusMillis(1));
        }
        assertThat(pause()).isZero();
    }

    @Test
    void beginsAnewWhenASessionIsLostAfterMuchAsking() {
        for (int i = 0; i < 100; i++) {
            lists.answered(ListPauses.Outcome.LIST, now);
            pass(REFRESH);
        }
        lists.answered(ListPauses.Outcome.LIST, now);

        lists.missing(now);

        assertThat(pause()).isLessThanOrEqualTo(ListPauses.FIRST.plusMillis(1));
        lists.answered(ListPauses.Outcome.LIST, now);
        assertThat(pause()).isLessThanOrEqualTo(ListPauses.FIRST.plusMillis(1));
    }

    @Test
    void asksAgainWhenTheListIsOldThoughNothingIsMissing() {
        lists.answered(ListPauses.Outcome.LIST, now);
        pass(REFRESH);
        assertThat(lists.isOld(now)).isFalse();

        pass(Duration.ofNanos(1));
        assertThat(lists.isOld(now)).isTrue();
    }
}
