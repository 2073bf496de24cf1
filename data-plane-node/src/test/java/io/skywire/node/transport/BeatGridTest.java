package io.skywire.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BeatGridTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long BEGIN = -12_345_678_901L; // clocks of event loops begin anywhere

    private final BeatGrid grid = new BeatGrid(Duration.ofSeconds(1), BEGIN);

    @Test
    void linksThatJoinAtAnyTimeBeatTogether() {
        Set<Long> moments = new HashSet<>();
        for (int link = 0; link < BeatGrid.TOGETHER; link++) {
            long joined = BEGIN + link * 77_777_777L;
            moments.add(Math.floorMod(joined + grid.untilNext(grid.join(), joined), SECOND));
        }

        assertThat(moments).hasSize(1);
    }

    @Test
    void thousandsOfLinksAreSpreadOverTheInterval() {
        Set<Long> places = new HashSet<>();
        for (int link = 0; link < 100 * BeatGrid.TOGETHER; link++) {
            places.add(grid.join());
        }

        assertThat(places).hasSize(100).allSatisfy(place -> assertThat(place).isBetween(0L, SECOND - 1));
        assertThat(grid.join()).as("from the beginning again").isZero();
    }

    @Test
    void linksThatLeaveMakeRoom() {
        for (int link = 0; link < BeatGrid.TOGETHER; link++) {
            grid.join();
        }
        grid.leave();

        assertThat(grid.join()).isZero();
        assertThat(grid.join()).isPositive();
    }

    @Test
    void theNextBeatIsHalfAnIntervalAwayAtLeastHoweverLateThisOneIs() {
        long place = grid.join();
        for (long late = 0; late < 3 * SECOND; late += SECOND / 50) {
            long pause = grid.untilNext(place, BEGIN + late);
            assertThat(pause).as("%d ns late", late).isBetween(SECOND / 2, 3 * SECOND / 2);
            assertThat(Math.floorMod(late + pause, SECOND)).as("on the grid").isZero();
        }
    }
}
