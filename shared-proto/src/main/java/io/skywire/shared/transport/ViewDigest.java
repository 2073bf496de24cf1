package io.skywire.shared.transport;

import io.skywire.shared.key.PublicKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;

/// What an edge holds, hashed, so that two sides find where they differ without naming what they have in common.
///
/// Transports fall into 2^bits buckets by the first bits of their ids. A bucket's digest is the first 16 bytes of
/// SHA-256("skywire view v1" | 0x00 | items), the items in the order of their ids (bytes, unsigned); an empty bucket's
/// is 16 zeros. An item:
/// ```
///  0        16           20            24
///  +--------+------------+-------------+
///  |   id   | rtt_us u32 | payload u32 |   big-endian; rtt_us 0 while unknown
///  +--------+------------+-------------+
/// ```
/// Where loss, load, throughput or a relay is known too, the highest bit of the payload is set and there follows
/// ```
///  0          4          8                16         17
///  +----------+----------+----------------+----------+--------------+
///  | loss u32 | load u32 | throughput u64 | count u8 | relay 33 × n |   relays in the order of their keys
///  +----------+----------+----------------+----------+--------------+
/// ```
/// Only transports that are up are in it, so the order of what happened before does not matter. Immutable.
public final class ViewDigest {
    /// The most transports in a view.
    public static final int MAX_COUNT = 4096;

    public static final int MAX_BITS = 8;
    public static final int BUCKET_LENGTH = 16;

    private static final int ITEM_LENGTH = TransportId.LENGTH + 2 * Integer.BYTES;
    private static final int MORE_LENGTH = 2 * Integer.BYTES + Long.BYTES + 1;
    private static final int MORE = Integer.MIN_VALUE;
    private static final byte[] DOMAIN = "skywire view v1\0".getBytes(StandardCharsets.US_ASCII);
    private static final Comparator<byte[]> UNSIGNED = Arrays::compareUnsigned;

    private final int count;
    private final int bits;
    private final byte[] buckets;

    private ViewDigest(int count, int bits, byte[] buckets) {
        this.count = count;
        this.bits = bits;
        this.buckets = buckets;
    }

    /// As many buckets as fit the number of transports: about one in each, 256 buckets at most.
    public static ViewDigest of(Collection<HeldTransport> held) {
        return of(held, Math.min(MAX_BITS, Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(0, held.size() - 1))));
    }

    /// @param bits 0 to [#MAX_BITS], as the other side chose
    public static ViewDigest of(Collection<HeldTransport> held, int bits) {
        requireBits(bits);
        MessageDigest sha256 = sha256();
        byte[] buckets = new byte[BUCKET_LENGTH << bits];
        int open = -1;
        byte[][] items = held.stream().map(ViewDigest::item).sorted(UNSIGNED).toArray(byte[][]::new);
        for (byte[] item : items) {
            int bucket = bucketOf(item[0], bits);
            if (bucket != open) {
                close(sha256, buckets, open);
                sha256.update(DOMAIN);
                open = bucket;
            }
            sha256.update(item);
        }
        close(sha256, buckets, open);
        return new ViewDigest(held.size(), bits, buckets);
    }

    private static void close(MessageDigest sha256, byte[] buckets, int bucket) {
        if (bucket >= 0) {
            System.arraycopy(sha256.digest(), 0, buckets, bucket * BUCKET_LENGTH, BUCKET_LENGTH);
        }
    }

    private static byte[] item(HeldTransport held) {
        LinkMeasurement measured = held.measured();
        boolean hasMore = measured.loss() != 0
                || measured.load() != 0
                || measured.throughput() != 0
                || !held.relays().isEmpty();
        int relays = held.relays().size();
        int length = hasMore ? ITEM_LENGTH + MORE_LENGTH + relays * PublicKey.LENGTH : ITEM_LENGTH;
        ByteBuffer item = ByteBuffer.allocate(length)
                .putLong(held.id().uuid().getMostSignificantBits())
                .putLong(held.id().uuid().getLeastSignificantBits())
                .putInt((int) held.roundTripMicros())
                .putInt(hasMore ? held.maxPayload() | MORE : held.maxPayload());
        if (hasMore) {
            item.putInt(measured.loss()).putInt(measured.load()).putLong(measured.throughput());
            item.put((byte) relays);
            held.relays().forEach(relay -> item.put(relay.bytes()));
        }
        return item.array();
    }

    /// A digest that came from outside.
    ///
    /// @throws IllegalArgumentException if the numbers and the bytes do not fit together
    public static ViewDigest parse(int count, int bits, byte[] buckets) {
        requireBits(bits);
        if (count < 0 || count > MAX_COUNT) {
            throw new IllegalArgumentException(
                    "a view holds at most " + MAX_COUNT + " transports, not " + Integer.toUnsignedString(count));
        }
        if (buckets.length != BUCKET_LENGTH << bits) {
            throw new IllegalArgumentException(
                    (1 << bits) + " buckets have " + (BUCKET_LENGTH << bits) + " bytes, not " + buckets.length);
        }
        return new ViewDigest(count, bits, buckets.clone());
    }

    /// @throws IllegalArgumentException unless 0 to [#MAX_BITS]
    public static void requireBits(int bits) {
        if (bits < 0 || bits > MAX_BITS) {
            throw new IllegalArgumentException(
                    "bucket bits are 0 to " + MAX_BITS + ", not " + Integer.toUnsignedString(bits));
        }
    }

    /// The bucket of a transport among 2^`bits`.
    public static int bucketOf(TransportId id, int bits) {
        return bucketOf((byte) (id.uuid().getMostSignificantBits() >>> 56), bits);
    }

    private static int bucketOf(byte first, int bits) {
        return (first & 0xff) >>> (MAX_BITS - bits);
    }

    /// The buckets in which the two hold different things.
    ///
    /// @throws IllegalArgumentException if they have not the same number of buckets
    public BitSet differing(ViewDigest other) {
        if (other.bits != bits) {
            throw new IllegalArgumentException(
                    "digests of " + (1 << bits) + " and of " + (1 << other.bits) + " buckets cannot be compared");
        }
        BitSet differing = new BitSet(1 << bits);
        for (int bucket = 0; bucket < 1 << bits; bucket++) {
            int from = bucket * BUCKET_LENGTH;
            int to = from + BUCKET_LENGTH;
            if (!Arrays.equals(buckets, from, to, other.buckets, from, to)) {
                differing.set(bucket);
            }
        }
        return differing;
    }

    public int count() {
        return count;
    }

    public int bits() {
        return bits;
    }

    public byte[] buckets() {
        return buckets.clone();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
