package io.skywire.control.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class BalanceTest {
    private static final int SLACK = 50;

    @Test
    void aReplicaAloneKeepsEverything() {
        assertThat(Balance.excess(10_000, List.of(10_000), SLACK, false)).isZero();
        assertThat(Balance.excess(10_000, List.of(), SLACK, true)).isZero();
    }

    @Test
    void littleMoreThanItsShareIsKept() {
        assertThat(Balance.excess(600, List.of(600, 400), SLACK, false)).isZero();
        assertThat(Balance.excess(60, List.of(60, 0), SLACK, false)).isZero();
    }

    @Test
    void clearlyMoreIsGivenAwayUntilItIsAboutEven() {
        assertThat(Balance.excess(1000, List.of(1000, 0), SLACK, false)).isEqualTo(1000 - 535);
        assertThat(Balance.excess(600, List.of(600, 400), SLACK, true)).isEqualTo(600 - 535);
        assertThat(Balance.excess(535, List.of(535, 465), SLACK, true)).isZero();
    }

    @Test
    void sessionsEvenOutAndThenStandStill() {
        int[] loads = {3000, 0, 900};
        boolean[] moving = new boolean[3];
        int lastMove = 0;
        for (int second = 0; second < 600; second++) {
            List<Integer> told = new ArrayList<>();
            for (int load : loads) {
                told.add(load);
            }
            for (int i = 0; i < loads.length; i++) {
                int excess = Balance.excess(loads[i], told, SLACK, moving[i]);
                moving[i] = excess > 0;
                int leave = Math.min(excess, Math.max(1, loads[i] / 100));
                loads[i] -= leave;
                // At random among the others: here, to the two in turn.
                loads[(i + 1) % 3] += leave / 2;
                loads[(i + 2) % 3] += leave - leave / 2;
                lastMove = leave > 0 ? second : lastMove;
            }
        }
        assertThat(lastMove).isLessThan(500);
        assertThat(loads[0] + loads[1] + loads[2]).isEqualTo(3900);
        List<Integer> end = List.of(loads[0], loads[1], loads[2]);
        assertThat(Collections.max(end)).isLessThanOrEqualTo((int) (1.25 * 1300 + SLACK));
    }
}
