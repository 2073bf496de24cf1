package io.skywire.node.letters;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CrossingTest {
    private final PublicKey somebody = KeyPair.generate(new Random(3)).publicKey();
    private final Deque<Runnable> loop = new ArrayDeque<>();
    private final List<String> arrived = new ArrayList<>();
    private int drained;
    private final Crossing<String, String> crossing = new Crossing<>(
            loop::add,
            (to, flow, letter, offset, length) ->
                    arrived.add(to + " " + flow + " " + letter[offset + LetterLayout.HEAD] + " " + length),
            () -> drained++,
            256 * 1_024);

    private boolean offer(int mark, int payload) {
        byte[] bytes = new byte[payload];
        bytes[0] = (byte) mark;
        return crossing.offer("to", "flow", somebody, bytes, 0, payload);
    }

    private void runLoop() {
        while (!loop.isEmpty()) {
            loop.removeFirst().run();
        }
    }

    @Test
    void carriesLettersInOrderWithOneTaskPerFlush() {
        for (int i = 0; i < 3; i++) {
            offer(i, 10 + i);
        }
        assertThat(loop).isEmpty();

        crossing.flush();

        assertThat(loop).hasSize(1);
        runLoop();
        assertThat(arrived).containsExactly("to flow 0 46", "to flow 1 47", "to flow 2 48");
        assertThat(drained).isEqualTo(1);
    }

    @Test
    void needsOneBatchForManySmallFlushes() {
        for (int i = 0; i < 100; i++) {
            assertThat(offer(1, 20)).as("letter %s", i).isTrue();
            crossing.flush();
        }

        assertThat(loop).hasSize(1);
        runLoop();
        assertThat(arrived).hasSize(100);
    }

    @Test
    void isBoundedAndGoesOnWhenTheLoopHasCaughtUp() {
        int taken = 0;
        while (offer(1, 16_000)) {
            taken++;
        }
        assertThat(taken * 16_036).isLessThanOrEqualTo(256 * 1_024);

        runLoop();

        assertThat(arrived).hasSize(taken);
        assertThat(offer(2, 16_000)).isTrue();
    }
}
