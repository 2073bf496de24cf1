package io.skywire.control.routefinder;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class BlameCostTest {
    @Test
    void whoIsCleanCostsNothing() {
        assertThat(BlameCost.surcharge(0)).isZero();
    }

    @Test
    void oneFreshFailureCostsAsMuchAsTwoUnmeasuredTransports() {
        assertThat(BlameCost.surcharge(1)).isEqualTo(BlameCost.FAILURE).isEqualTo(300_000);
        assertThat(BlameCost.surcharge(0.5)).isEqualTo(150_000);
    }

    @Test
    void noScoreBanishesForGood() {
        assertThat(BlameCost.surcharge(1000)).isEqualTo(BlameCost.MAX);
        assertThat(BlameCost.surcharge(Double.MAX_VALUE)).isEqualTo(BlameCost.MAX);
    }

    @Test
    void bothTransportsOfANodeCanPayHalf() {
        for (int i = 0; i < 1000; i++) {
            assertThat(BlameCost.surcharge(i / 777.0) % 2).isZero();
        }
    }
}
