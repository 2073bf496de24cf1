package io.skywire.shared.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LinkMeasurementTest {
    private static LinkMeasurement measured(int micros, int loss, int load, long throughput) {
        return new LinkMeasurement(Optional.of(Duration.ofNanos(1000L * micros)), loss, load, throughput);
    }

    @Test
    void aRoundTripDiffersByMoreThanAQuarter() {
        LinkMeasurement told = measured(20_000, 0, 0, 0);
        assertThat(measured(25_000, 0, 0, 0).differsFrom(told)).isFalse();
        assertThat(measured(25_001, 0, 0, 0).differsFrom(told)).isTrue();
        assertThat(measured(14_999, 0, 0, 0).differsFrom(told)).isTrue();
        assertThat(measured(40, 0, 0, 0).differsFrom(measured(130, 0, 0, 0)))
                .as("below 100 µs it is noise")
                .isFalse();
        assertThat(told.differsFrom(LinkMeasurement.NONE)).isTrue();
        assertThat(LinkMeasurement.NONE.differsFrom(LinkMeasurement.NONE)).isFalse();
    }

    @Test
    void lossDiffersByHalfAPointAndAQuarter() {
        assertThat(measured(1, 5_000, 0, 0).differsFrom(measured(1, 0, 0, 0))).isFalse();
        assertThat(measured(1, 5_001, 0, 0).differsFrom(measured(1, 0, 0, 0))).isTrue();
        assertThat(measured(1, 120_000, 0, 0).differsFrom(measured(1, 100_000, 0, 0)))
                .isFalse();
        assertThat(measured(1, 125_001, 0, 0).differsFrom(measured(1, 100_000, 0, 0)))
                .isTrue();
    }

    @Test
    void loadMattersTheMoreTheLessIsFree() {
        assertThat(measured(1, 0, 250_000, 0).differsFrom(measured(1, 0, 0, 0))).isFalse();
        assertThat(measured(1, 0, 250_001, 0).differsFrom(measured(1, 0, 0, 0))).isTrue();
        assertThat(measured(1, 0, 930_000, 0).differsFrom(measured(1, 0, 900_000, 0)))
                .isTrue();
        assertThat(measured(1, 0, 985_000, 0).differsFrom(measured(1, 0, 1_000_000, 0)))
                .isFalse();
    }

    @Test
    void throughputDiffersByHalfAndIsNoReasonToChooseAnotherRoute() {
        LinkMeasurement told = measured(1, 0, 0, 1_000_000);
        assertThat(measured(1, 0, 0, 1_500_000).differsInThroughput(told)).isFalse();
        assertThat(measured(1, 0, 0, 1_500_001).differsInThroughput(told)).isTrue();
        assertThat(measured(1, 0, 0, 9_000_000).differsFrom(told)).isFalse();
        assertThat(measured(1, 0, 0, 100_000).differsInThroughput(measured(1, 0, 0, 0)))
                .isFalse();
    }
}
