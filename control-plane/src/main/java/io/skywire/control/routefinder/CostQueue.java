package io.skywire.control.routefinder;

import java.util.Arrays;

/// A priority queue of (cost, item), cheapest first: a heap with four children per place, both ints in one long.
/// Nothing is ever moved up: an item whose cost fell is queued again, and the reader drops the older entry.
final class CostQueue {
    static final int NOTHING = Integer.MAX_VALUE;

    private long[] heap = new long[256];
    private int size;

    void clear() {
        size = 0;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /// The cost of the next item, [#NOTHING] if there is none.
    int nextCost() {
        return size == 0 ? NOTHING : (int) (heap[0] >>> 32);
    }

    void add(int cost, int item) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        long entry = (long) cost << 32 | (item & 0xffff_ffffL);
        long[] h = heap;
        int at = size++;
        while (at > 0) {
            int parent = (at - 1) >> 2;
            if (h[parent] <= entry) {
                break;
            }
            h[at] = h[parent];
            at = parent;
        }
        h[at] = entry;
    }

    /// Takes the next entry: cost in the upper half, item in the lower.
    long take() {
        long[] h = heap;
        long taken = h[0];
        long last = h[--size];
        int at = 0;
        for (int child = 1; child < size; child = 4 * at + 1) {
            int end = Math.min(child + 4, size);
            for (int other = child + 1; other < end; other++) {
                if (h[other] < h[child]) {
                    child = other;
                }
            }
            if (h[child] >= last) {
                break;
            }
            h[at] = h[child];
            at = child;
        }
        h[at] = last;
        return taken;
    }
}
