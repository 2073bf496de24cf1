package io.skywire.local.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EchoTest {
    @Test
    void timesOneRoundTripAtLeast() throws Exception {
        try (Echo echo = Echo.start()) {
            Samples trips = Echo.roundTrips(echo.port(), Duration.ZERO, Duration.ZERO);

            assertThat(trips.sorted()).hasSize(1);
            assertThat(trips.median()).isPositive();
        }
    }

    @Test
    void saysWhereNobodyAnswers() {
        assertThatThrownBy(() -> Echo.roundTrips(BenchNode.freePort(), Duration.ZERO, Duration.ZERO))
                .isInstanceOf(IOException.class);
    }
}
