package io.skywire.node.letters;

import io.skywire.shared.key.PublicKey;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// Letters on their way to another event loop, in bounded batches: one array per batch, one task per flush, never a
/// task per letter. Safe for any thread; letters of one thread stay in order.
///
/// @param <T> to whose session a letter goes there
/// @param <F> the flow that it belongs to
public final class Crossing<T extends Object, F extends Object> {
    private static final int BATCH = 64 * 1024;
    private static final int KEPT = 4; // a whole read of a socket
    private static final int FIRST_ENTRIES = 64;

    private final Object lock = new Object();
    private final Executor loop;
    private final Target<T, F> target;
    private final Runnable drained;
    private final int maxBatches;
    private final ArrayDeque<Batch> full = new ArrayDeque<>();
    private final ArrayDeque<Batch> free = new ArrayDeque<>();
    private @Nullable Batch filling;
    private int batches;
    private boolean scheduled;

    /// Whole letters back to back; entry i of `to` and `flows` belongs to letter i.
    private static final class Batch {
        private final byte[] letters = new byte[BATCH];
        private @Nullable Object[] to = new @Nullable Object[FIRST_ENTRIES];
        private @Nullable Object[] flows = new @Nullable Object[FIRST_ENTRIES];
        private int length;
        private int entries;

        private void entered(Object target, Object flow, int letterLength) {
            if (entries == to.length) {
                to = Arrays.copyOf(to, 4 * entries);
                flows = Arrays.copyOf(flows, 4 * entries);
            }
            to[entries] = target;
            flows[entries] = flow;
            entries++;
            length += letterLength;
        }
    }

    /// Where the letters go, on the loop.
    @FunctionalInterface
    public interface Target<T, F> {
        void arrive(T to, F flow, byte[] letter, int offset, int length);
    }

    /// `drained` runs on the loop after the letters of one flush have arrived.
    public Crossing(Executor loop, Target<T, F> target, Runnable drained, int maxBytes) {
        this.loop = loop;
        this.target = target;
        this.drained = drained;
        this.maxBatches = Math.max(1, maxBytes / BATCH);
    }

    /// Takes a copy of one letter. Answers whether there was room; if not, it is dropped.
    public boolean offer(T to, F flow, byte[] letter, int offset, int length) {
        synchronized (lock) {
            Batch batch = room(length);
            if (batch == null) {
                return false;
            }
            System.arraycopy(letter, offset, batch.letters, batch.length, length);
            batch.entered(to, flow, length);
            return true;
        }
    }

    /// The same for a LETTER whose payload stands elsewhere than its head.
    public boolean offer(T to, F flow, PublicKey key, byte[] payload, int offset, int length) {
        synchronized (lock) {
            Batch batch = room(LetterLayout.HEAD + length);
            if (batch == null) {
                return false;
            }
            LetterLayout.putHead(batch.letters, batch.length, key, length);
            System.arraycopy(payload, offset, batch.letters, batch.length + LetterLayout.HEAD, length);
            batch.entered(to, flow, LetterLayout.HEAD + length);
            return true;
        }
    }

    private @Nullable Batch room(int length) {
        Batch batch = filling;
        if (batch != null && batch.length + length > BATCH) {
            // The loop may begin while this thread goes on, or a long read would overflow the batches by itself.
            full.addLast(batch);
            schedule();
            batch = null;
        }
        if (batch == null) {
            batch = open();
            filling = batch;
        }
        return batch;
    }

    /// Lets the loop take all that was offered so far.
    public void flush() {
        synchronized (lock) {
            if (filling != null) {
                schedule(); // and goes on filling until the loop takes it: many small flushes need one batch
            }
        }
    }

    @SuppressWarnings("unchecked") // offer put a T and an F there
    private void drain() {
        for (Batch batch = take(); batch != null; batch = take()) {
            int at = 0;
            for (int i = 0; i < batch.entries; i++) {
                int length = LetterLayout.length(batch.letters, at);
                T to = (T) batch.to[i];
                F flow = (F) batch.flows[i];
                if (to != null && flow != null) {
                    target.arrive(to, flow, batch.letters, at, length);
                }
                at += length;
            }
            // No reference may keep a session alive that has ended.
            Arrays.fill(batch.to, 0, batch.entries, null);
            Arrays.fill(batch.flows, 0, batch.entries, null);
            synchronized (lock) {
                batch.length = 0;
                batch.entries = 0;
                free.addFirst(batch);
            }
        }
        drained.run();
    }

    private @Nullable Batch take() {
        synchronized (lock) {
            Batch batch = full.pollFirst();
            if (batch == null) {
                batch = filling;
                filling = null;
            }
            if (batch == null) {
                scheduled = false;
                trim();
            }
            return batch;
        }
    }

    /// An idle crossing does not keep the most that it ever needed.
    private void trim() {
        while (free.size() > KEPT) {
            free.removeLast();
            batches--;
        }
    }

    private @Nullable Batch open() {
        Batch batch = free.pollFirst();
        if (batch == null && batches < maxBatches) {
            batches++;
            batch = new Batch();
        }
        return batch;
    }

    private void schedule() {
        if (!scheduled) {
            scheduled = true;
            try {
                loop.execute(this::drain);
            } catch (RejectedExecutionException ending) {
                full.clear(); // the loop is shutting down, and its sessions with it
                filling = null;
            }
        }
    }
}
