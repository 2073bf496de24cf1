package io.skywire.node.session;

import java.util.ArrayDeque;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// Whose datagram is read next, where datagrams of many sessions wait for one event loop. On that loop only.
///
/// What is short at the ends of sessions is their loop's time, and what a session takes of it is what passes in both
/// directions: an acknowledgement that is read lets others go. So turns are those of deficit round robin, paid with
/// what came and with what was sent. Who has spent more than it had waits until that is paid; what was spent while
/// nobody waited is forgotten.
///
/// In the order of arrival a session would get as much as it has under way, and who has much under way would keep it.
///
/// @param <T> what waits; `bytes` says its size
final class Turns<T> {
    /// What a session may spend in each round, in bytes.
    static final int QUANTUM = 16 * 1024;

    /// What a datagram costs, however short it is.
    static final int LEAST_COST = 4 * 1024;

    /// What a session may owe: what sixteen rounds pay.
    static final int MOST_DEBT = 16 * QUANTUM;

    private final ToIntFunction<T> bytes;
    private final ArrayDeque<Turn<T>> waiting = new ArrayDeque<>();
    private long lulls; // moments at which nobody waited

    /// What waits of one session, oldest first, and what the session may still spend.
    static final class Turn<T> {
        private final ArrayDeque<T> queue = new ArrayDeque<>(4);
        private int credit = QUANTUM;
        private long lulls;

        private void spend(int length) {
            credit = Math.max(-MOST_DEBT, credit - length);
        }
    }

    Turns(ToIntFunction<T> bytes) {
        this.bytes = bytes;
    }

    void arrived(Turn<T> turn, T datagram) {
        if (turn.queue.isEmpty()) {
            waiting.addLast(turn);
        }
        turn.queue.addLast(datagram);
    }

    /// What is next, and no longer waits; null if nothing does.
    @Nullable
    T next() {
        for (Turn<T> turn = waiting.peekFirst(); turn != null; turn = waiting.peekFirst()) {
            forgive(turn);
            if (turn.credit > 0) {
                T datagram = turn.queue.removeFirst();
                turn.spend(Math.max(LEAST_COST, bytes.applyAsInt(datagram)));
                if (turn.queue.isEmpty()) {
                    waiting.removeFirst();
                }
                return datagram;
            }
            turn.credit += QUANTUM;
            waiting.removeFirst();
            waiting.addLast(turn);
        }
        lulls++;
        return null;
    }

    /// So many bytes of that session have left.
    void sent(Turn<T> turn, int length) {
        forgive(turn);
        turn.spend(length);
    }

    private void forgive(Turn<T> turn) {
        if (turn.lulls != lulls) {
            turn.lulls = lulls;
            turn.credit = QUANTUM;
        }
    }
}
