package io.skywire.shared.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class MachineClockTest {
    @Test
    void isTheMachinesClockUnlessItIsAskedToBeOff() {
        assertThat(MachineClock.offBy(Duration.ZERO)).isEqualTo(InstantSource.system());
    }

    @Test
    void goesOnEvenlyByHowMuchItIsOff() {
        Duration off = Duration.ofHours(-26);
        Instant before = InstantSource.system().instant().plus(off);
        Instant skewed = MachineClock.offBy(off).instant();
        Instant after = InstantSource.system().instant().plus(off);

        assertThat(skewed).isBetween(before, after);
    }
}
