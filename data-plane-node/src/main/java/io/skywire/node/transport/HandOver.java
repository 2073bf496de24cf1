package io.skywire.node.transport;

import io.skywire.shared.packet.PacketLayout;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// Packets on their way from other threads to a link's event loop, in bounded batches: one array per batch, one task
/// per flush, never a task per packet. Safe for any thread; packets of one thread stay in order.
final class HandOver {
    private static final int BATCH = 64 * 1024;
    private static final int KEPT = 4; // a whole read of another link's socket

    private final Object lock = new Object();
    private final Executor loop;
    private final Runnable task;
    private final int maxBatches;
    private final ArrayDeque<Batch> full = new ArrayDeque<>();
    private final ArrayDeque<Batch> free = new ArrayDeque<>();
    private @Nullable Batch filling;
    private int batches;
    private boolean scheduled;

    /// Whole packets back to back.
    private static final class Batch {
        private final byte[] packets = new byte[BATCH];
        private int length;
    }

    /// Where the packets go, on the loop.
    @FunctionalInterface
    interface Target {
        void send(byte[] packet, int offset, int length);
    }

    /// `task` runs on the loop and calls [#drainTo(Target)].
    HandOver(Executor loop, Runnable task, int maxBytes) {
        this.loop = loop;
        this.task = task;
        this.maxBatches = Math.max(1, maxBytes / BATCH);
    }

    /// Takes a copy of one packet. Answers whether there was room; if not, the packet is dropped.
    boolean offer(byte[] packet, int offset, int length) {
        synchronized (lock) {
            Batch batch = filling;
            if (batch != null && batch.length + length > BATCH) {
                // The loop may begin while this thread goes on, or a long read would overflow the batches by itself.
                schedule();
                batch = null;
            }
            if (batch == null) {
                batch = open();
                if (batch == null) {
                    return false;
                }
                filling = batch;
            }
            System.arraycopy(packet, offset, batch.packets, batch.length, length);
            batch.length += length;
            return true;
        }
    }

    /// Lets the loop take all that was offered so far.
    void flush() {
        synchronized (lock) {
            if (filling != null) {
                schedule();
            }
        }
    }

    /// On the loop only.
    void drainTo(Target target) {
        for (Batch batch = take(); batch != null; batch = take()) {
            int at = 0;
            while (at < batch.length) {
                int length = PacketLayout.HEADER_LENGTH + PacketLayout.payloadLength(batch.packets, at);
                target.send(batch.packets, at, length);
                at += length;
            }
            synchronized (lock) {
                batch.length = 0;
                free.addFirst(batch);
            }
        }
    }

    private @Nullable Batch take() {
        synchronized (lock) {
            Batch batch = full.pollFirst();
            if (batch == null) {
                scheduled = false;
                trim();
            }
            return batch;
        }
    }

    /// An idle link does not keep the most that it ever needed.
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
        Batch batch = filling;
        if (batch != null) {
            full.addLast(batch);
            filling = null;
        }
        if (!scheduled) {
            scheduled = true;
            try {
                loop.execute(task);
            } catch (RejectedExecutionException ending) {
                full.clear(); // the loop is shutting down, and the link with it
            }
        }
    }
}
