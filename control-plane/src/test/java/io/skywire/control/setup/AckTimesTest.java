package io.skywire.control.setup;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/// The table of [AckTimes], line by line.
final class AckTimesTest {
    private static final Duration FLOOR = Duration.ofMillis(250);
    private static final Duration WHOLE = Duration.ofSeconds(3);

    private final AckTimes times = new AckTimes(FLOOR, WHOLE, 4);
    private Instant now = Instant.parse("2026-11-23T12:00:00Z");
    private long revision;

    private void answersAfter(int node, long millis) {
        revision++;
        times.asked(Ways.node(node), revision, now);
        now = now.plusMillis(millis);
        times.acknowledged(Ways.node(node), revision, now);
    }

    private Duration patience(int node) {
        return times.patience(Ways.node(node));
    }

    @Test
    void givesAnUnknownNodeItsWholeTime() {
        assertThat(patience(1)).isEqualTo(WHOLE);
        times.asked(Ways.node(1), 1, now);
        assertThat(patience(1)).isEqualTo(WHOLE);
    }

    @Test
    void learnsFromTheFirstAnswerAndFromEachFurtherOne() {
        answersAfter(1, 200);
        assertThat(patience(1)).as("200 + 4 · 100").isEqualTo(Duration.ofMillis(600));
        answersAfter(1, 200);
        assertThat(patience(1)).as("200 + 4 · 75").isEqualTo(Duration.ofMillis(500));
        answersAfter(1, 280);
        // deviation 56.25 + 80/4, smoothed 200 + 80/8
        assertThat(patience(1)).as("210 + 4 · 76.25").isEqualTo(Duration.ofMillis(515));
    }

    @Test
    void waitsAtLeastTheFloorAndAtMostTheWholeTime() {
        answersAfter(1, 2);
        assertThat(patience(1)).isEqualTo(FLOOR);
        answersAfter(2, 2_500);
        assertThat(patience(2)).isEqualTo(WHOLE);
    }

    @Test
    void waitsTwiceAsLongAfterEachSilenceUntilTheNextAnswer() {
        answersAfter(1, 2);
        times.silent(Ways.node(1));
        assertThat(patience(1)).isEqualTo(FLOOR.multipliedBy(2));
        times.silent(Ways.node(1));
        assertThat(patience(1)).isEqualTo(FLOOR.multipliedBy(4));
        for (int i = 0; i < 100; i++) {
            times.silent(Ways.node(1));
        }
        assertThat(patience(1)).isEqualTo(WHOLE);
        answersAfter(1, 2);
        assertThat(patience(1)).isEqualTo(FLOOR);
    }

    @Test
    void learnsFromAnAnswerThatCameTooLate() {
        answersAfter(1, 10);
        times.asked(Ways.node(1), 5, now);
        times.silent(Ways.node(1));
        now = now.plusMillis(1_500);
        times.acknowledged(Ways.node(1), 6, now);

        assertThat(patience(1)).isGreaterThan(Duration.ofMillis(1_500));
    }

    @Test
    void timesTheOldestQuestionOnlyAndNoEarlierAnswerEndsIt() {
        times.asked(Ways.node(1), 7, now);
        now = now.plusMillis(100);
        times.asked(Ways.node(1), 8, now);
        times.acknowledged(Ways.node(1), 6, now);
        assertThat(patience(1)).isEqualTo(WHOLE);
        now = now.plusMillis(100);
        times.acknowledged(Ways.node(1), 8, now);

        assertThat(patience(1)).as("200 ms, not 100").isEqualTo(Duration.ofMillis(600));
    }

    @Test
    void knowsWhoIsMissingAndSuspectsNobodyItHasForgotten() {
        times.asked(Ways.node(1), 3, now);
        times.acknowledged(Ways.node(1), 2, now);
        assertThat(times.isMissing(Ways.node(1), 3)).isTrue();
        times.acknowledged(Ways.node(1), 3, now);
        assertThat(times.isMissing(Ways.node(1), 3)).isFalse();
        assertThat(times.isMissing(Ways.node(2), 3)).isFalse();
    }

    @Test
    void forgetsWhoWasNotAskedForTheLongestTime() {
        answersAfter(0, 2);
        answersAfter(1, 2);
        answersAfter(2, 2);
        answersAfter(3, 2);
        assertThat(patience(0)).isEqualTo(FLOOR);

        answersAfter(4, 2);

        assertThat(patience(1)).isEqualTo(WHOLE);
        assertThat(patience(0)).isEqualTo(FLOOR);
        assertThat(patience(4)).isEqualTo(FLOOR);
    }
}
