package io.skywire.node.letters;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

class LetterQueueTest {
    private static final PublicKey SOMEBODY = KeyPair.generate(new Random(1)).publicKey();
    private static final int PAYLOAD = 1_000;
    private static final int LENGTH = LetterLayout.HEAD + PAYLOAD;

    private final Workspace workspace = new Workspace(8 << 20, 1 << 20);
    private final LongAdder evicted = new LongAdder();
    private final LetterQueue<String> queue = new LetterQueue<>(new QueueLimits(200_000, 100_000), workspace, evicted);

    private static byte[] letter(int mark) {
        byte[] payload = new byte[PAYLOAD];
        payload[0] = (byte) mark;
        return LetterLayout.letter(SOMEBODY, payload);
    }

    private boolean offer(String flow, int mark) {
        return queue.offer(flow, letter(mark), 0, LENGTH);
    }

    /// The marks of the next letters, in order.
    private String next(int count) {
        StringBuilder marks = new StringBuilder();
        byte[] target = new byte[LENGTH];
        for (int i = 0; i < count; i++) {
            int length = queue.nextLength();
            queue.moveNextTo(target, 0, length);
            marks.append((char) target[LetterLayout.HEAD]);
        }
        return marks.toString();
    }

    @Test
    void keepsTheOrderOfAFlow() {
        for (char mark = 'a'; mark < 'j'; mark++) {
            assertThat(offer("flow", mark)).isTrue();
        }

        assertThat(next(9)).isEqualTo("abcdefghi");
        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.nextLength()).isZero();
    }

    @Test
    void letsFlowsTakeTurns() {
        for (int i = 0; i < 60; i++) {
            offer("bulk", 'b');
            offer("other", 'o');
        }

        String turns = next(80);

        assertThat(turns.chars().filter(mark -> mark == 'b').count()).isBetween(30L, 50L);
    }

    @Test
    void letsAFlowThatWaitedForNothingGoFirst() {
        for (int i = 0; i < 60; i++) {
            offer("bulk", 'b');
        }
        next(20);
        offer("sparse", 's');

        assertThat(next(1)).isEqualTo("s");
    }

    @Test
    void sendsItsOwnLettersBeforeAllOthers() {
        offer("flow", 'f');
        byte[] own = LetterLayout.own(LetterKind.PONG, new byte[] {1});

        assertThat(queue.offerOwn(own)).isTrue();

        assertThat(queue.nextLength()).isEqualTo(own.length);
        byte[] first = new byte[own.length];
        queue.moveNextTo(first, 0, own.length);
        assertThat(first).isEqualTo(own);
        assertThat(next(1)).isEqualTo("f");
    }

    @Test
    void boundsItsOwnLettersToo() {
        byte[] own = LetterLayout.own(LetterKind.PONG, new byte[64]);
        int taken = 0;
        while (queue.offerOwn(own)) {
            taken++;
        }

        assertThat(taken * own.length).isLessThanOrEqualTo(4 * 1_024);
    }

    @Test
    void dropsWhatIsOverAFlowsBound() {
        int taken = 0;
        while (offer("greedy", 'g')) {
            taken++;
        }

        assertThat(taken).isEqualTo(100_000 / LENGTH);
        assertThat(evicted.sum()).isZero();
    }

    @Test
    void makesRoomForAFlowBelowItsShareAndForNoOther() {
        while (offer("first", 'f')) {}
        while (offer("second", 's')) {}
        for (int i = 0; i < 5; i++) {
            assertThat(offer("newcomer", 'n')).isTrue();
        }

        assertThat(evicted.sum()).isPositive();
        while (offer("newcomer", 'n')) {}
        long before = evicted.sum();
        assertThat(queue.bytes()).isLessThanOrEqualTo(200_000);
        assertThat(offer("newcomer", 'n')).isFalse();
        assertThat(evicted.sum()).isEqualTo(before);
    }

    @Test
    void sharesEvenlyWhenOneOffersALotMore() {
        Map<Character, Integer> got = new LinkedHashMap<>();
        for (int round = 0; round < 400; round++) {
            for (int flow = 0; flow < 8; flow++) {
                for (int i = 0; i < (flow == 0 ? 50 : 2); i++) {
                    offer("flow " + flow, 'a' + flow);
                }
            }
            next(8).chars().forEach(mark -> got.merge((char) mark, 1, Integer::sum));
        }

        assertThat(got).hasSize(8);
        assertThat(got.values()).allSatisfy(count -> assertThat(count).isBetween(320, 480));
    }

    @Test
    void givesBackAllRoomWhenItIsEmptyOrClosed() {
        for (int i = 0; i < 50; i++) {
            offer("one", '1');
            offer("two", '2');
        }
        assertThat(workspace.held()).isPositive();
        next(100);
        queue.nextLength();
        assertThat(workspace.held()).isZero();

        offer("one", '1');
        queue.offerOwn(LetterLayout.own(LetterKind.PING, new byte[8]));
        queue.close();

        assertThat(workspace.held()).isZero();
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void holdsNoMoreThanTheWorkspaceHasRoomFor() {
        Workspace small = new Workspace(64 * 1_024, 1 << 20);
        LetterQueue<String> poor = new LetterQueue<>(new QueueLimits(1 << 20, 1 << 20), small, evicted);
        int taken = 0;
        while (poor.offer("flow", letter('x'), 0, LENGTH)) {
            taken++;
        }

        assertThat(taken).isBetween(1, 64);
        assertThat(small.held()).isLessThanOrEqualTo(64 * 1_024);
    }
}
