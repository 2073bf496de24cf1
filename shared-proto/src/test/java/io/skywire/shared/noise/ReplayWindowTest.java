package io.skywire.shared.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayWindowTest {
    private final ReplayWindow window = new ReplayWindow();

    @Test
    void takesEachCounterOnceInOrder() {
        for (long counter = 0; counter < 20_000; counter++) {
            assertThat(window.isNewest(counter)).isTrue();
            assertThat(window.isFresh(counter)).isTrue();
            window.take(counter);
            assertThat(window.isFresh(counter)).isFalse();
        }
        long again = 19_999;
        assertThatIllegalStateException().isThrownBy(() -> window.take(again));
    }

    @Test
    void takesWhatWasOvertakenOnce() {
        window.take(10);

        for (long counter = 9; counter >= 0; counter--) {
            assertThat(window.isFresh(counter)).isTrue();
            assertThat(window.isNewest(counter)).isFalse();
            window.take(counter);
            assertThat(window.isFresh(counter)).isFalse();
        }
    }

    @Test
    void remembersAtLeastAThousandCountersAndRefusesOlderOnes() {
        long newest = 1_000_000;
        window.take(newest);

        assertThat(ReplayWindow.SIZE).isGreaterThanOrEqualTo(1_024);
        assertThat(window.isFresh(newest - ReplayWindow.SIZE + 1)).isTrue();
        assertThat(window.isFresh(newest - ReplayWindow.SIZE)).isFalse();
        assertThat(window.isFresh(0)).isFalse();
        assertThat(window.isFresh(-1)).isFalse();
        assertThat(window.isFresh(Long.MIN_VALUE)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 63, 64, 65, 4_095, 4_096, 4_097, 4_160, 100_000, Long.MAX_VALUE - 100})
    void forgetsNothingAndInventsNothingWhenItJumps(long jump) {
        window.take(0);
        window.take(70);
        window.take(70 + jump);

        assertThat(window.isFresh(70)).isFalse();
        assertThat(window.isFresh(0)).isFalse();
        assertThat(window.isFresh(70 + jump)).isFalse();
        assertThat(window.isFresh(70 + jump - 1)).isEqualTo(jump > 1);
        assertThat(window.isFresh(70 + jump + 1)).isTrue();
    }

    @Test
    void agreesWithASetOfAllThatWasTaken() {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            ReplayWindow small = new ReplayWindow();
            Set<Long> taken = new HashSet<>();
            List<Long> wrong = new ArrayList<>();
            long newest = -1;
            for (int i = 0; i < 20_000; i++) {
                long counter = Math.max(0, newest + random.nextInt(10_000) - 9_000 + random.nextInt(3));
                boolean fresh = counter > newest || (newest - counter < ReplayWindow.SIZE && !taken.contains(counter));
                if (small.isFresh(counter) != fresh) {
                    wrong.add(counter);
                }
                if (fresh) {
                    small.take(counter);
                    taken.add(counter);
                    newest = Math.max(newest, counter);
                }
            }
            assertThat(wrong).as("seed %d", seed).isEmpty();
        }
    }
}
