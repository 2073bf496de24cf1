package io.skywire.node.letters;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// What waits for the socket of one session: a bounded queue per flow, emptied in turns, and the session's own letters
/// before all of them. Not thread-safe. A flow is whoever sends (at a server) or is sent to (at a client).
///
/// Turns are those of deficit round robin with a quantum of 16 KiB; a flow that has waited for nothing lately goes
/// first (as in fq_codel, RFC 8290). When the session holds all it may, a letter of a flow above its share is
/// dropped, and for one below its share the oldest letters of the fullest flow make room: a greedy flow shuts nobody
/// out.
final class LetterQueue<F> {
    private static final int QUANTUM = 16 * 1024;
    private static final int MOST_OWN = 4 * 1024;
    private static final int MOST_FLOWS = 4_096;

    private final QueueLimits limits;
    private final Workspace workspace;
    private final LongAdder evicted;
    private final Map<F, Flow<F>> flows = new HashMap<>();
    private final ArrayDeque<Flow<F>> sparse = new ArrayDeque<>();
    private final ArrayDeque<Flow<F>> bulk = new ArrayDeque<>();
    private final LetterRing own;
    private @Nullable Flow<F> last; // most letters come in runs
    private int bytes;

    /// One flow's queue and what it may still send in this turn.
    private static final class Flow<F> {
        private final F name;
        private final LetterRing letters;
        private int credit = QUANTUM;

        private Flow(F name, LetterRing letters) {
            this.name = name;
            this.letters = letters;
        }
    }

    LetterQueue(QueueLimits limits, Workspace workspace, LongAdder evicted) {
        this.limits = limits;
        this.workspace = workspace;
        this.evicted = evicted;
        this.own = new LetterRing(workspace);
    }

    boolean isEmpty() {
        return bytes == 0 && own.bytes() == 0;
    }

    /// All bytes that wait, but for the session's own.
    int bytes() {
        return bytes;
    }

    /// A letter of the session's own: before all others, and few.
    boolean offerOwn(byte[] letter) {
        return own.bytes() + letter.length <= MOST_OWN && own.add(letter, 0, letter.length);
    }

    /// Takes a copy of one letter. Answers whether there was room; if not, it is dropped.
    boolean offer(F name, byte[] letter, int offset, int length) {
        Flow<F> flow = last;
        if (flow == null || flow.name != name) {
            flow = flows.get(name);
        }
        int held = flow == null ? 0 : flow.letters.bytes();
        if (held + length > limits.flow() || (flow == null && flows.size() >= MOST_FLOWS)) {
            return false;
        }
        if (bytes + length > limits.session()) {
            if (held >= limits.session() / (flows.size() + 1)) {
                return false;
            }
            evictFromFullest(length);
        }
        if (flow == null) {
            flow = open(name);
        }
        if (!flow.letters.add(letter, offset, length)) {
            return false;
        }
        last = flow;
        bytes += length;
        return true;
    }

    /// Half of the fullest flow's bytes go at once, so that the search for it is rare (RFC 8290, section 4.1).
    private void evictFromFullest(int needed) {
        Flow<F> fullest = null;
        for (Flow<F> flow : flows.values()) {
            if (fullest == null || flow.letters.bytes() > fullest.letters.bytes()) {
                fullest = flow;
            }
        }
        if (fullest == null) {
            throw new IllegalStateException("a session without flows holds " + bytes + " bytes");
        }
        int target = Math.max(needed, fullest.letters.bytes() / 2);
        for (int freed = 0; freed < target && fullest.letters.bytes() > 0; ) {
            int length = fullest.letters.firstLength();
            fullest.letters.drop(length);
            evicted.increment();
            freed += length;
            bytes -= length;
        }
    }

    /// The length of the letter that goes next; 0 if none waits.
    int nextLength() {
        if (own.bytes() > 0) {
            return own.firstLength();
        }
        Flow<F> flow = next();
        return flow == null ? 0 : flow.letters.firstLength();
    }

    /// Moves the letter of [#nextLength()], just asked for, to `target`.
    void moveNextTo(byte[] target, int at, int length) {
        if (own.bytes() > 0) {
            own.moveFirstTo(target, at, length);
            return;
        }
        Flow<F> flow = next();
        if (flow == null) {
            throw new IllegalStateException("no letter waits");
        }
        flow.letters.moveFirstTo(target, at, length);
        flow.credit -= length;
        bytes -= length;
    }

    private @Nullable Flow<F> next() {
        while (true) {
            boolean first = !sparse.isEmpty();
            Flow<F> flow = first ? sparse.peekFirst() : bulk.peekFirst();
            if (flow == null) {
                return null;
            }
            ArrayDeque<Flow<F>> from = first ? sparse : bulk;
            if (flow.credit <= 0) {
                flow.credit += QUANTUM;
                from.removeFirst();
                bulk.addLast(flow);
            } else if (flow.letters.bytes() > 0) {
                return flow;
            } else {
                from.removeFirst();
                if (first && !bulk.isEmpty()) {
                    bulk.addLast(flow); // or it would go first again and again
                } else {
                    close(flow);
                }
            }
        }
    }

    private Flow<F> open(F name) {
        Flow<F> flow = new Flow<>(name, new LetterRing(workspace));
        flows.put(name, flow);
        sparse.addLast(flow);
        return flow;
    }

    private void close(Flow<F> flow) {
        flow.letters.close();
        flows.remove(flow.name);
        if (last == flow) {
            last = null;
        }
    }

    /// Forgets all and gives back the room.
    void close() {
        flows.values().forEach(flow -> flow.letters.close());
        flows.clear();
        sparse.clear();
        bulk.clear();
        own.close();
        last = null;
        bytes = 0;
    }
}
