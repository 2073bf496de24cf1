package io.skywire.control.topology;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/// From hashes to small numbers, in pages of open addressing. Immutable: a change copies one page.
///
/// Whoever asks compares the candidates itself, as the index holds no keys:
/// ```
/// for (int i = 0, n = index.candidate(hash, 0); n >= 0; n = index.candidate(hash, ++i)) { … }
/// ```
/// The upper ten bits of a hash choose the page, the lower ones the slot. A slot holds a number plus one, 0 is free.
final class NumberIndex {
    private static final int PAGES = 1 << 10;
    private static final int[] EMPTY = new int[1];

    private final int[][] pages;
    private final int[] counts;

    private NumberIndex(int[][] pages, int[] counts) {
        this.pages = pages;
        this.counts = counts;
    }

    static NumberIndex empty() {
        int[][] pages = new int[PAGES][];
        Arrays.fill(pages, EMPTY);
        return new NumberIndex(pages, new int[PAGES]);
    }

    /// An index of the numbers 0 to `count` - 1.
    static NumberIndex of(int count, IntUnaryOperator hashOf) {
        int[] counts = new int[PAGES];
        for (int number = 0; number < count; number++) {
            counts[pageOf(hashOf.applyAsInt(number))]++;
        }
        int[][] pages = new int[PAGES][];
        for (int page = 0; page < PAGES; page++) {
            pages[page] = counts[page] == 0 ? EMPTY : new int[sizeFor(counts[page])];
        }
        for (int number = 0; number < count; number++) {
            int hash = hashOf.applyAsInt(number);
            put(pages[pageOf(hash)], hash, number);
        }
        return new NumberIndex(pages, counts);
    }

    /// The i-th number whose hash may be this one, -1 after the last.
    int candidate(int hash, int i) {
        int[] page = pages[pageOf(hash)];
        return i >= page.length ? -1 : page[(hash + i) & (page.length - 1)] - 1;
    }

    NumberIndex with(int number, IntUnaryOperator hashOf) {
        int hash = hashOf.applyAsInt(number);
        int at = pageOf(hash);
        int[] old = pages[at];
        int count = counts[at] + 1;
        int[] page;
        if (sizeFor(count) <= old.length) {
            page = old.clone();
        } else {
            page = new int[sizeFor(count)];
            for (int slot : old) {
                if (slot != 0) {
                    put(page, hashOf.applyAsInt(slot - 1), slot - 1);
                }
            }
        }
        put(page, hash, number);
        return replaced(at, page, count);
    }

    NumberIndex without(int number, IntUnaryOperator hashOf) {
        int at = pageOf(hashOf.applyAsInt(number));
        int[] page = pages[at].clone();
        int mask = page.length - 1;
        int hole = hashOf.applyAsInt(number) & mask;
        while (page[hole] != number + 1) {
            hole = (hole + 1) & mask;
        }
        page[hole] = 0;
        // What stands behind the hole moves up, unless that would put it before its own place.
        for (int slot = (hole + 1) & mask; page[slot] != 0; slot = (slot + 1) & mask) {
            int home = hashOf.applyAsInt(page[slot] - 1) & mask;
            if (((slot - home) & mask) >= ((slot - hole) & mask)) {
                page[hole] = page[slot];
                page[slot] = 0;
                hole = slot;
            }
        }
        return replaced(at, page, counts[at] - 1);
    }

    private NumberIndex replaced(int at, int[] page, int count) {
        int[][] next = pages.clone();
        int[] nextCounts = counts.clone();
        next[at] = page;
        nextCounts[at] = count;
        return new NumberIndex(next, nextCounts);
    }

    private static void put(int[] page, int hash, int number) {
        int slot = hash & (page.length - 1);
        while (page[slot] != 0) {
            slot = (slot + 1) & (page.length - 1);
        }
        page[slot] = number + 1;
    }

    private static int pageOf(int hash) {
        return hash >>> 22;
    }

    /// At most three quarters full.
    private static int sizeFor(int count) {
        return Math.max(2, Integer.highestOneBit(count * 4 / 3) << 1);
    }
}
