package io.skywire.control.routefinder;

import java.util.Arrays;

/// The arrays that searches work on, kept from one search to the next. For one search at a time.
///
/// A search waits for memory more than it computes, so all that both directions know of a node lies in 32 bytes:
/// ```
/// forward: stamp ‖ label | parent ‖ cursor     backward: stamp ‖ label | parent ‖ cursor
/// ```
final class SearchMemory {
    private static final int LONGS = 4;

    private long[] cells = {};
    final Side forward = new Side(0);
    final Side backward = new Side(2);
    final Flow flow = new Flow();

    /// What one direction of a search knows of the nodes it has reached. A label is forgotten with the next [#reset]; a
    /// parent and a cursor mean something only beside a label.
    final class Side {
        private final int offset;
        private int stamp;
        final CostQueue queue = new CostQueue();
        int[] list = {};
        int listed;

        private Side(int offset) {
            this.offset = offset;
        }

        void reset(int size) {
            if (cells.length < LONGS * size) {
                cells = new long[LONGS * (size + size / 8)];
            }
            if (list.length < size) {
                list = new int[size + size / 8];
            }
            if (++stamp == 0) {
                Arrays.fill(cells, 0);
                stamp = 1;
            }
            queue.clear();
            listed = 0;
        }

        int label(int node, int absent) {
            long cell = cells[LONGS * node + offset];
            return (int) (cell >>> 32) == stamp ? (int) cell : absent;
        }

        void label(int node, int label, int parent) {
            int at = LONGS * node + offset;
            cells[at] = (long) stamp << 32 | (label & 0xffff_ffffL);
            cells[at + 1] = (long) parent << 32;
        }

        int parent(int node) {
            return (int) (cells[LONGS * node + offset + 1] >> 32);
        }

        int cursor(int node) {
            return (int) cells[LONGS * node + offset + 1];
        }

        void moveCursor(int node, int cursor) {
            int at = LONGS * node + offset + 1;
            cells[at] = cells[at] & 0xffff_ffff_0000_0000L | cursor;
        }
    }

    /// What the search for disjoint paths knows of the paths it has so far.
    static final class Flow {
        final StampedInts potential = new StampedInts();
        final StampedInts after = new StampedInts();
        final StampedInts before = new StampedInts();
        final StampedInts toll = new StampedInts();

        void reset(int nodes) {
            potential.reset(2 * nodes);
            after.reset(nodes);
            before.reset(nodes);
            toll.reset(2 * nodes);
        }
    }
}
