package io.skywire.local.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void theMedianOfAnEvenNumberLiesBetweenTheTwoInTheMiddle() {
        assertThat(Samples.of(4, 1, 3, 2).median()).isEqualTo(2.5);
        assertThat(Samples.of(9, 1, 3).median()).isEqualTo(3);
    }

    @Test
    void aPercentileIsAValueThatWasSeen() {
        double[] hundred = new double[100];
        for (int i = 0; i < hundred.length; i++) {
            hundred[i] = 100 - i;
        }

        assertThat(Samples.of(hundred).percentile(99)).isEqualTo(99);
        assertThat(Samples.of(7).percentile(99)).isEqualTo(7);
    }

    @Test
    void theRangeIsRounded() {
        assertThat(Samples.of(0.12345, 2).range(3)).containsExactly(0.123, 2.0);
    }
}
