package io.skywire.shared.noise;

/// Which counters of a direction have been taken, so that each is taken once. Pure, not thread-safe.
///
/// Remembers the newest [#SIZE] counters one by one, in a bitmap that is used in a circle (RFC 6479); older ones count
/// as taken. Ask before a frame is opened, take after it has authenticated: a forged counter moves nothing.
/// ```
///   older: refused │◄──────── SIZE counters, a bit each ────────►│ newer: fresh
/// ──────────────────┴────────────────────────────────────────────┴──────────────►
///                                                             newest
/// ```
public final class ReplayWindow {
    /// Counters, the newest among them.
    public static final int SIZE = 4_096;

    private static final int WORD = Long.SIZE;
    private static final int WORDS = SIZE / WORD + 1; // the newest word is never whole

    private final long[] taken = new long[WORDS];
    private long newest = -1;

    /// Whether a frame of this counter may still be taken.
    public boolean isFresh(long counter) {
        if (counter < 0) {
            return false;
        }
        if (counter > newest) {
            return true;
        }
        return newest - counter < SIZE && (taken[word(counter)] & bit(counter)) == 0;
    }

    /// Whether this counter is newer than all that were taken.
    public boolean isNewest(long counter) {
        return counter > newest;
    }

    /// Takes a counter that [#isFresh].
    public void take(long counter) {
        if (!isFresh(counter)) {
            throw new IllegalStateException("counter " + counter + " was taken before, or is too old");
        }
        if (counter > newest) {
            long skipped = Math.min(WORDS, counter / WORD - Math.max(newest, 0) / WORD);
            for (long word = 0; word < skipped; word++) {
                taken[(int) ((counter / WORD - word) % WORDS)] = 0;
            }
            newest = counter;
        }
        taken[word(counter)] |= bit(counter);
    }

    private static int word(long counter) {
        return (int) (counter / WORD % WORDS);
    }

    private static long bit(long counter) {
        return 1L << (counter % WORD);
    }
}
