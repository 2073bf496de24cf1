package io.skywire.control.topology;

import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;

/// What is known of 256 transports, in parallel arrays: 52 bytes each. Not written any more once it is in a snapshot.
///
/// ```
/// longs, 3 each: id high | id low | revision
/// ints,  6 each: lower edge | higher edge | round trip µs | measured at s | loss ‖ load | price µs
/// kinds, 1 each: what many transports have in common
/// ```
/// A free slot has no kind, and the next free slot in place of its lower edge.
final class TransportPage {
    static final int BITS = 8;
    static final int SIZE = 1 << BITS;
    static final int LOWER = 0;
    static final int HIGHER = 1;
    static final int ROUND_TRIP = 2;
    static final int MEASURED_AT = 3;
    static final int LOSS_LOAD = 4;
    static final int PRICE = 5;
    private static final int LONGS = 3;
    private static final int INTS = 6;
    private static final double SHARE = 65_535;

    final long[] longs;
    final int[] ints;
    final Kind[] kinds;

    /// What many transports have in common. `relays` are node numbers.
    record Kind(TransportType type, String label, int maxPayload, java.util.List<Integer> relays) {}

    /// What stands for the kind of a free slot.
    static final Kind FREE = new Kind(TransportType.TCP, "", 0, java.util.List.of());

    TransportPage() {
        this(new long[SIZE * LONGS], new int[SIZE * INTS], new Kind[SIZE]);
        java.util.Arrays.fill(kinds, FREE);
    }

    private TransportPage(long[] longs, int[] ints, Kind[] kinds) {
        this.longs = longs;
        this.ints = ints;
        this.kinds = kinds;
    }

    TransportPage copy() {
        return new TransportPage(longs.clone(), ints.clone(), kinds.clone());
    }

    static TransportPage[] pagesFor(int transports) {
        TransportPage[] pages = new TransportPage[(transports + SIZE - 1) >>> BITS];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = new TransportPage();
        }
        return pages;
    }

    int get(int number, int field) {
        return ints[(number & (SIZE - 1)) * INTS + field];
    }

    void set(int number, int field, int value) {
        ints[(number & (SIZE - 1)) * INTS + field] = value;
    }

    Kind kind(int number) {
        return kinds[number & (SIZE - 1)];
    }

    boolean isFree(int number) {
        return kind(number) == FREE;
    }

    long high(int number) {
        return longs[(number & (SIZE - 1)) * LONGS];
    }

    long low(int number) {
        return longs[(number & (SIZE - 1)) * LONGS + 1];
    }

    long revision(int number) {
        return longs[(number & (SIZE - 1)) * LONGS + 2];
    }

    void put(int number, LiveTransport transport, int lower, int higher, int price, Kind kind) {
        int at = (number & (SIZE - 1)) * LONGS;
        longs[at] = transport.up().id().uuid().getMostSignificantBits();
        longs[at + 1] = transport.up().id().uuid().getLeastSignificantBits();
        longs[at + 2] = transport.up().revision();
        LinkQuality quality = transport.quality();
        set(number, LOWER, lower);
        set(number, HIGHER, higher);
        set(number, ROUND_TRIP, roundTripMicros(quality));
        set(number, MEASURED_AT, (int) quality.measuredAt().getEpochSecond());
        set(
                number,
                LOSS_LOAD,
                (int) Math.round(quality.loss() * SHARE) << 16 | (int) Math.round(quality.load() * SHARE));
        set(number, PRICE, price);
        kinds[number & (SIZE - 1)] = kind;
    }

    void free(int number, int nextFree) {
        kinds[number & (SIZE - 1)] = FREE;
        set(number, LOWER, nextFree);
    }

    static int roundTripMicros(LinkQuality quality) {
        return quality.roundTrip()
                .map(time -> (int) Math.min(Integer.MAX_VALUE, Math.max(0, time.toNanos() / 1000)))
                .orElse(-1);
    }

    double loss(int number) {
        return (get(number, LOSS_LOAD) >>> 16) / SHARE;
    }

    double load(int number) {
        return (get(number, LOSS_LOAD) & 0xffff) / SHARE;
    }

    long measuredAtSeconds(int number) {
        return get(number, MEASURED_AT) & 0xffff_ffffL;
    }

    int price(int number, long nowSeconds) {
        return LinkCost.price(
                get(number, ROUND_TRIP), loss(number), load(number), nowSeconds - measuredAtSeconds(number));
    }

    static int hash(TransportId id) {
        return hash(id.uuid().getMostSignificantBits(), id.uuid().getLeastSignificantBits());
    }

    /// The finaliser of MurmurHash3 over both halves.
    static int hash(long high, long low) {
        long z = high ^ Long.rotateLeft(low, 32);
        z = (z ^ (z >>> 33)) * 0xff51afd7ed558ccdL;
        z = (z ^ (z >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return (int) (z ^ (z >>> 33));
    }
}
