package io.skywire.node.transport;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// Arrays for what waits on all links of one event loop: taken when packets wait, given back when none do, so that a
/// loop whose links are busy again and again allocates nothing for it, and idle links hold nothing. Only on that loop.
///
/// Sizes are powers of two from 4 KiB on. What is given back beyond the limit is left to the garbage collector.
final class RingArrays {
    private static final int SMALLEST_BITS = 12;
    private static final int LARGEST_BITS = 30;

    private final int limit;
    private final List<ArrayDeque<byte[]>> bySize = new ArrayList<>();
    private int kept;

    /// @param limit bytes that are kept
    RingArrays(int limit) {
        this.limit = limit;
        for (int bits = SMALLEST_BITS; bits <= LARGEST_BITS; bits++) {
            bySize.add(new ArrayDeque<>(0));
        }
    }

    /// The smallest array of at least so many bytes; its content is old.
    byte[] take(int atLeast) {
        int bits = Math.max(SMALLEST_BITS, Integer.SIZE - Integer.numberOfLeadingZeros(atLeast - 1));
        byte[] array = bySize.get(bits - SMALLEST_BITS).pollFirst();
        if (array == null) {
            return new byte[1 << bits];
        }
        kept -= array.length;
        return array;
    }

    /// Takes back what [#take] gave.
    void give(byte[] array) {
        if (kept + array.length <= limit) {
            kept += array.length;
            bySize.get(Integer.numberOfTrailingZeros(array.length) - SMALLEST_BITS)
                    .addFirst(array);
        }
    }

    /// Bytes that wait here for the next who needs them.
    int kept() {
        return kept;
    }
}
