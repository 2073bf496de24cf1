package io.skywire.shared.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.shared.Seeds;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class BackOffTest {
    private final BackOff fresh = BackOff.first(BackOff.FIRST, BackOff.LONGEST);

    @Test
    void doublesUpToTheLongest() {
        BackOff backOff = fresh;
        for (int tries = 0; tries < 20; tries++) {
            backOff = backOff.longer();
        }
        assertThat(fresh.longer().next()).isEqualTo(Duration.ofMillis(400));
        assertThat(backOff.next()).isEqualTo(BackOff.LONGEST);
    }

    @Test
    void waitsARandomPartBetweenHalfAndWhole() {
        RandomGenerator random = Seeds.random(1);
        BackOff backOff = fresh.longer().longer();
        Set<Duration> pauses = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            Duration pause = backOff.pause(random);
            assertThat(pause).isBetween(Duration.ofMillis(400), Duration.ofMillis(800));
            pauses.add(pause);
        }
        assertThat(pauses).hasSizeGreaterThan(200);
    }

    @Test
    void aSessionThatEndsAtOnceIsNoReasonToHurry() {
        BackOff backOff = fresh.longer().longer();

        assertThat(backOff.afterSession(Duration.ofSeconds(1))).isEqualTo(backOff);
        assertThat(backOff.afterSession(BackOff.LONGEST)).isEqualTo(fresh);
    }
}
