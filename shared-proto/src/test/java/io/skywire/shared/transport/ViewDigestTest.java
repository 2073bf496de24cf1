package io.skywire.shared.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.shared.Seeds;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ViewDigestTest {
    private static HeldTransport held(RandomGenerator random) {
        TransportId id = new TransportId(new UUID(random.nextLong(), random.nextLong()));
        return new HeldTransport(id, random.nextInt(1_000_000), 1 + random.nextInt(65_535));
    }

    private static List<HeldTransport> view(RandomGenerator random, int size) {
        List<HeldTransport> view = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            view.add(held(random));
        }
        return view;
    }

    @Test
    void isTheSameInWhateverOrderThingsHappened() {
        Seeds.forAll(50, random -> {
            List<HeldTransport> view = view(random, random.nextInt(300));
            List<HeldTransport> shuffled = new ArrayList<>(view);
            Collections.shuffle(shuffled, new Random(random.nextLong()));

            assertThat(ViewDigest.of(shuffled).buckets())
                    .isEqualTo(ViewDigest.of(view).buckets());
        });
    }

    @Test
    void namesExactlyTheBucketsOfWhatDiffers() {
        Seeds.forAll(200, random -> {
            List<HeldTransport> ours = view(random, 1 + random.nextInt(100));
            List<HeldTransport> theirs = new ArrayList<>(ours);
            int bits = ViewDigest.of(ours).bits();
            BitSet expected = new BitSet();
            for (int change = random.nextInt(4); change > 0; change--) {
                HeldTransport fresh = held(random);
                HeldTransport touched = fresh;
                switch (random.nextInt(4)) {
                    case 0 -> theirs.add(fresh);
                    case 1 -> {
                        touched = theirs.remove(random.nextInt(theirs.size()));
                        theirs.add(fresh);
                        expected.set(ViewDigest.bucketOf(fresh.id(), bits));
                    }
                    case 2 -> {
                        touched = theirs.removeFirst();
                        theirs.add(
                                new HeldTransport(touched.id(), touched.roundTripMicros() + 1, touched.maxPayload()));
                    }
                    default -> {
                        touched = theirs.removeFirst();
                        theirs.add(
                                new HeldTransport(touched.id(), touched.roundTripMicros(), touched.maxPayload() + 1));
                    }
                }
                expected.set(ViewDigest.bucketOf(touched.id(), bits));
            }

            BitSet differing = ViewDigest.of(ours).differing(ViewDigest.of(theirs, bits));

            assertThat(differing).isEqualTo(expected);
        });
    }

    @Test
    void hasAboutOneTransportPerBucket() {
        RandomGenerator random = Seeds.random(1);
        int[][] sizes = {{0, 0}, {1, 0}, {2, 1}, {3, 2}, {4, 2}, {8, 3}, {9, 4}, {200, 8}, {4096, 8}};
        for (int[] size : sizes) {
            ViewDigest digest = ViewDigest.of(view(random, size[0]));
            assertThat(digest.bits()).as("of " + size[0]).isEqualTo(size[1]);
            assertThat(digest.buckets()).hasSize(16 << size[1]);
            assertThat(digest.count()).isEqualTo(size[0]);
        }
    }

    /// The layout of docs/protocol/agent-session.md, written down a second time.
    @Test
    void hashesTheDocumentedBytes() throws Exception {
        HeldTransport first =
                new HeldTransport(TransportId.parse("01020304-0506-0708-090a-0b0c0d0e0f10"), 1500, 16_384);
        HeldTransport last = new HeldTransport(TransportId.parse("f1020304-0506-0708-090a-0b0c0d0e0f10"), 0, 65_535);
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        byte[] domain = "skywire view v1\0".getBytes(StandardCharsets.US_ASCII);
        byte[] firstItem = ByteBuffer.allocate(24)
                .put(first.id().bytes())
                .putInt(1500)
                .putInt(16_384)
                .array();
        byte[] lastItem = ByteBuffer.allocate(24)
                .put(last.id().bytes())
                .putInt(0)
                .putInt(65_535)
                .array();

        sha256.update(domain);
        sha256.update(firstItem);
        sha256.update(lastItem);
        assertThat(ViewDigest.of(List.of(last, first), 0).buckets()).isEqualTo(Arrays.copyOf(sha256.digest(), 16));

        sha256.update(domain);
        sha256.update(lastItem);
        byte[] inBucket3 = Arrays.copyOf(sha256.digest(), 16);
        byte[] buckets = ViewDigest.of(List.of(first, last), 2).buckets();
        assertThat(Arrays.copyOfRange(buckets, 48, 64)).isEqualTo(inBucket3);
        assertThat(Arrays.copyOfRange(buckets, 16, 48)).containsOnly(0);
    }

    @Test
    void refusesWhatCannotBe() {
        byte[] two = new byte[32];
        assertThat(ViewDigest.parse(2, 1, two).buckets()).isEqualTo(two);
        assertThatThrownBy(() -> ViewDigest.parse(2, 2, two)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ViewDigest.parse(2, 9, new byte[16 << 9]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ViewDigest.parse(2, -1, two)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ViewDigest.parse(-1, 1, two)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ViewDigest.parse(4097, 1, two)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ViewDigest.of(List.of(), 1).differing(ViewDigest.of(List.of(), 2)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void hashesMeasurementsAndRelaysAsDocumented() throws Exception {
        TransportId id = TransportId.parse("01020304-0506-0708-090a-0b0c0d0e0f10");
        PublicKey one = KeyPair.generate(Seeds.random(3)).publicKey();
        PublicKey other = KeyPair.generate(Seeds.random(4)).publicKey();
        LinkMeasurement measured =
                new LinkMeasurement(Optional.of(Duration.ofNanos(1_500_000)), 20_000, 500_000, 7_000_000_000L);
        ByteBuffer item = ByteBuffer.allocate(24 + 17 + 66)
                .put(id.bytes())
                .putInt(1500)
                .putInt(16_384 | 1 << 31)
                .putInt(20_000)
                .putInt(500_000)
                .putLong(7_000_000_000L)
                .put((byte) 2);
        List.of(one, other).stream().sorted().forEach(relay -> item.put(relay.bytes()));
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update("skywire view v1\0".getBytes(StandardCharsets.US_ASCII));
        sha256.update(item.array());

        byte[] expected = Arrays.copyOf(sha256.digest(), 16);

        for (List<PublicKey> relays : List.of(List.of(one, other), List.of(other, one))) {
            HeldTransport held = new HeldTransport(id, measured, 16_384, relays);
            assertThat(ViewDigest.of(List.of(held), 0).buckets()).isEqualTo(expected);
        }
    }
}
