package io.skywire.node.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OverlaysTest {
    @Test
    void takesTheLargestStepThatTheRouteCarries() {
        assertThat(Overlays.datagramSize(16_384)).hasValue(16_000);
        assertThat(Overlays.datagramSize(15_999)).hasValue(8_160);
        assertThat(Overlays.datagramSize(1_199)).isEmpty();
    }

    @Test
    void inACrowdDatagramsAreSmallerButNeverLargerThanTheRouteCarries() {
        assertThat(Overlays.datagramSize(16_384, 63)).hasValue(16_000);
        assertThat(Overlays.datagramSize(16_384, 64)).hasValue(4_096);
        assertThat(Overlays.datagramSize(1_400, 64)).hasValue(1_350);
    }
}
