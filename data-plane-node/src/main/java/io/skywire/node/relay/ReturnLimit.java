package io.skywire.node.relay;

import java.util.concurrent.TimeUnit;

/// Lets the same thing be told at most once in 100 ms. Remembers sixteen things; one that is forgotten is told again,
/// never more often than it happens. Not thread-safe.
final class ReturnLimit {
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int SLOTS = 16;

    private final int[] what = new int[SLOTS];
    private final long[] until = new long[SLOTS];

    boolean allows(int thing, long nanos) {
        int mixed = thing * 0x9E3779B9;
        int slot = mixed >>> 28;
        if (what[slot] == thing && until[slot] != 0 && nanos - until[slot] < 0) {
            return false;
        }
        what[slot] = thing;
        until[slot] = nanos + PAUSE;
        return true;
    }
}
