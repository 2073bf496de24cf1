package io.skywire.control.routefinder;

import java.util.Arrays;

/// Ints that are all forgotten at once: each carries the stamp of the search that wrote it, so that the next search
/// begins without clearing anything. Value and stamp share one long, hence one cache line.
final class StampedInts {
    private long[] cells = {};
    private int stamp;

    /// Forgets everything and holds at least `size` ints.
    void reset(int size) {
        if (cells.length < size) {
            cells = new long[size + size / 8];
            stamp = 0;
        }
        if (++stamp == 0) {
            Arrays.fill(cells, 0);
            stamp = 1;
        }
    }

    int get(int i, int absent) {
        long cell = cells[i];
        return (int) (cell >>> 32) == stamp ? (int) cell : absent;
    }

    void set(int i, int value) {
        cells[i] = (long) stamp << 32 | (value & 0xffff_ffffL);
    }
}
