package io.skywire.local.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
    private static final long MILLI = 1_000_000;

    private final Arrivals arrivals = new Arrivals();

    /// Something arrives every five milliseconds from `from` until `to`.
    private void flow(long from, long to) {
        for (long at = from; at <= to; at += 5) {
            arrivals.add(at * MILLI);
        }
    }

    private Duration longest(long from, long to) {
        return arrivals.longestPause(from * MILLI, to * MILLI);
    }

    private Duration usual(long from, long to) {
        return arrivals.usualPause(from * MILLI, to * MILLI);
    }

    @Test
    void aPauseThatBeginsBeforeTheEventCountsWhole() {
        flow(0, 1_000);
        flow(1_300, 2_000);

        assertThat(longest(1_004, 2_000)).isEqualTo(Duration.ofMillis(300));
        assertThat(longest(0, 1_000)).isEqualTo(Duration.ofMillis(5));
    }

    @Test
    void aStreamThatNeverComesBackPausesUntilTheEnd() {
        flow(0, 1_000);

        assertThat(longest(1_002, 11_000)).isEqualTo(Duration.ofSeconds(10));
        assertThat(new Arrivals().longestPause(0, 7 * MILLI)).isEqualTo(Duration.ofMillis(7));
    }

    @Test
    void theUsualPauseIsTheOneThatFewExceed() {
        flow(0, 1_000);
        flow(1_050, 2_000); // one of 390 pauses is longer

        assertThat(usual(0, 2_000)).isEqualTo(Duration.ofMillis(5));
        assertThat(longest(0, 2_000)).isEqualTo(Duration.ofMillis(50));
        assertThat(usual(1_001, 1_049)).isZero();
    }

    @Test
    void whatArrivesWithinAMillisecondIsOneArrival() {
        arrivals.add(0);
        arrivals.add(MILLI / 2);
        arrivals.add(2 * MILLI);

        assertThat(usual(0, 2)).isEqualTo(Duration.ofMillis(2));
    }

    @Test
    void theOutageIsWhatIsLongerThanUsual() {
        assertThat(RelayDrill.outageMillis(Duration.ofMillis(130), Duration.ofMillis(10)))
                .isEqualTo(120);
        assertThat(RelayDrill.outageMillis(Duration.ofMillis(10), Duration.ofMillis(30)))
                .isZero();
    }
}
