package io.skywire.control.topology;

import java.util.Arrays;

/// How to read the array that holds the lanes of one node: its transports, each seen from this end.
///
/// ```
/// (neighbour, price) × n | transport × n          cheapest lane first; n = length / 3
/// ```
/// A search for the cheapest route reads the first few pairs of many nodes, which so cost one cache line each.
/// The upper bit of a neighbour says that a lane before it leads there as well; the upper bit of a transport says that
/// it depends on relays. Arrays are shared by all readers and must never be written.
public final class Lanes {
    static final int[] NONE = {};
    private static final int FLAG = Integer.MIN_VALUE;

    private Lanes() {}

    public static int count(int[] lanes) {
        return lanes.length / 3;
    }

    /// The node's number at the other end.
    public static int to(int[] lanes, int i) {
        return lanes[2 * i] & ~FLAG;
    }

    /// Whether no cheaper lane leads to the same neighbour.
    public static boolean isFirst(int[] lanes, int i) {
        return lanes[2 * i] >= 0;
    }

    /// As [LinkCost] says it, in microseconds.
    public static int price(int[] lanes, int i) {
        return lanes[2 * i + 1];
    }

    /// The transport's number.
    public static int transport(int[] lanes, int count, int i) {
        return lanes[2 * count + i] & ~FLAG;
    }

    public static boolean isRelayed(int[] lanes, int count, int i) {
        return lanes[2 * count + i] < 0;
    }

    /// The transport word of a lane, relays and all.
    static int word(int transport, boolean isRelayed) {
        return isRelayed ? transport | FLAG : transport;
    }

    /// Makes an array of lanes. `keys` hold price and place (price ‖ place), and are sorted here.
    ///
    /// @param seen scratch, one per node: who has seen it last; never `mark` before the call
    static int[] of(long[] keys, int count, int[] neighbours, int[] words, int[] seen, int mark) {
        Arrays.sort(keys, 0, count);
        int[] lanes = new int[3 * count];
        for (int i = 0; i < count; i++) {
            int place = (int) keys[i];
            int to = neighbours[place];
            lanes[2 * i] = seen[to] == mark ? to | FLAG : to;
            seen[to] = mark;
            lanes[2 * i + 1] = (int) (keys[i] >>> 32);
            lanes[2 * count + i] = words[place];
        }
        return lanes;
    }

    static int[] with(int[] old, int to, int price, int word) {
        int count = count(old);
        int at = 0;
        while (at < count && price(old, at) <= price) {
            at++;
        }
        int[] lanes = new int[3 * (count + 1)];
        System.arraycopy(old, 0, lanes, 0, 2 * at);
        System.arraycopy(old, 2 * at, lanes, 2 * at + 2, 2 * (count - at));
        int oldWords = 2 * count;
        int newWords = oldWords + 2;
        System.arraycopy(old, oldWords, lanes, newWords, at);
        System.arraycopy(old, oldWords + at, lanes, newWords + at + 1, count - at);
        lanes[2 * at] = to;
        lanes[2 * at + 1] = price;
        lanes[newWords + at] = word;
        flag(lanes, count + 1, to);
        return lanes;
    }

    static int[] without(int[] old, int transport) {
        int count = count(old);
        int at = 0;
        while (transport(old, count, at) != transport) {
            at++;
        }
        if (count == 1) {
            return NONE;
        }
        int[] lanes = new int[3 * (count - 1)];
        System.arraycopy(old, 0, lanes, 0, 2 * at);
        System.arraycopy(old, 2 * at + 2, lanes, 2 * at, 2 * (count - at - 1));
        int oldWords = 2 * count;
        int newWords = oldWords - 2;
        System.arraycopy(old, oldWords, lanes, newWords, at);
        System.arraycopy(old, oldWords + at + 1, lanes, newWords + at, count - at - 1);
        flag(lanes, count - 1, to(old, at));
        return lanes;
    }

    private static void flag(int[] lanes, int count, int to) {
        boolean isFirst = true;
        for (int i = 0; i < count; i++) {
            if (to(lanes, i) == to) {
                lanes[2 * i] = isFirst ? to : to | FLAG;
                isFirst = false;
            }
        }
    }
}
