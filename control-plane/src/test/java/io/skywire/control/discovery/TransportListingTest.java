package io.skywire.control.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.discovery.TransportDown.Reason;
import io.skywire.control.discovery.TransportListing.Selection;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class TransportListingTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<PublicKey> KEYS =
            TestKeys.pairs(12, 77).stream().map(pair -> pair.publicKey()).toList();

    private final TransportListing listing = new TransportListing();

    @Test
    void listsWhatIsUpByEdgeAndAsAWhole() throws Exception {
        TransportUp link = up(0, 1, 1);
        TransportUp other = up(1, 2, 1);
        listing.take(link);
        listing.take(other);

        assertThat(ids(listing.ofEdge(KEYS.get(0)))).containsExactly(id(link));
        assertThat(ids(listing.ofEdge(KEYS.get(1)))).containsExactlyInAnyOrder(id(link), id(other));
        assertThat(ids(all(Selection.ALL))).containsExactlyInAnyOrder(id(link), id(other));

        listing.take(down(link, 2));
        assertThat(text(listing.ofEdge(KEYS.get(0)))).isEqualTo("null\n");
        assertThat(ids(listing.ofEdge(KEYS.get(1)))).containsExactly(id(other));
        assertThat(ids(all(Selection.ALL))).containsExactly(id(other));
    }

    @Test
    void saysNullForNothing() throws Exception {
        assertThat(text(all(Selection.ALL))).isEqualTo("null\n");
        assertThat(text(listing.ofEdge(KEYS.get(0)))).isEqualTo("null\n");

        listing.take(up(3, 3, 1));
        assertThat(text(all(Selection.WITHOUT_SELF_TRANSPORTS))).isEqualTo("null\n");
    }

    @Test
    void leavesOutTransportsFromANodeToItselfWhenAsked() throws Exception {
        TransportUp loop = up(3, 3, 1);
        TransportUp link = up(3, 4, 1);
        listing.take(loop);
        listing.take(link);

        assertThat(ids(all(Selection.ALL))).containsExactlyInAnyOrder(id(loop), id(link));
        assertThat(ids(all(Selection.WITHOUT_SELF_TRANSPORTS))).containsExactly(id(link));
        assertThat(ids(listing.ofEdge(KEYS.get(3)))).containsExactlyInAnyOrder(id(loop), id(link));
    }

    @Test
    void aLateEventNeitherRevivesNorTakesDown() {
        TransportUp link = up(0, 1, 1);
        listing.take(down(link, 2));
        listing.take(link);
        assertThat(text(listing.ofEdge(KEYS.get(0)))).isEqualTo("null\n");

        listing.take(up(0, 1, 5));
        listing.take(down(link, 4));
        assertThat(ids(listing.ofEdge(KEYS.get(0)))).containsExactly(id(link));
    }

    @Test
    void aMeasurementIsFoundAndRendersNothingAnew() {
        TransportUp before = up(0, 1, 1);
        TransportUp measured = new TransportUp(
                before.id(),
                before.lower(),
                before.higher(),
                before.type(),
                before.label(),
                before.maxPayload(),
                new LinkMeasurement(Optional.of(Duration.ofMillis(20)), 10_000, 0, 0),
                Optional.of(Instant.EPOCH),
                List.of(),
                2);
        ListingSegment segment = new ListingSegment();
        segment.take(before.id(), new ListingSegment.Held(1, Optional.of(before)), (old, now) -> {});
        ListingSegment.Rendering rendering = segment.rendering();

        segment.take(before.id(), new ListingSegment.Held(2, Optional.of(measured)), (old, now) -> {});
        assertThat(segment.find(before.id())).contains(measured);
        assertThat(segment.rendering()).isSameAs(rendering);

        segment.take(before.id(), new ListingSegment.Held(3, Optional.empty()), (old, now) -> {});
        assertThat(segment.rendering().bytes()).isEmpty();
        assertThat(segment.find(before.id())).isEmpty();
    }

    @Test
    void writesLabelsAsJson() throws Exception {
        TransportEntry entry = TransportEntry.between(KEYS.get(0), KEYS.get(1), TransportType.TCP);
        String label = "a \"quoted\" näme \\";
        listing.take(new TransportUp(
                entry.id(), entry.lower(), entry.higher(), entry.type(), label, 16_384, Optional.empty(), 1));

        JsonNode one = JSON.readTree(all(Selection.ALL)).get(0);
        assertThat(one.get("label").stringValue()).isEqualTo(label);
        assertThat(one.get("edges").get(0).stringValue())
                .isEqualTo(entry.lower().hex());
        assertThat(one.get("edges").get(1).stringValue())
                .isEqualTo(entry.higher().hex());
        assertThat(one.get("type").stringValue()).isEqualTo("tcp");
    }

    @Test
    void aTagNeverComesBackEvenWhenTheListDoes() throws Exception {
        listing.take(up(0, 1, 1));
        String before = listing.tag();
        byte[] list = all(Selection.ALL);

        TransportUp guest = up(2, 3, 1);
        listing.take(guest);
        assertThat(listing.tag()).isNotEqualTo(before);
        listing.take(down(guest, 2));

        assertThat(all(Selection.ALL)).isEqualTo(list);
        assertThat(listing.tag()).isNotEqualTo(before);
    }

    @Test
    void replicasThatKnowTheSameHaveTheSameTagWhateverTheOrder() {
        long seed = new SplittableRandom().nextLong();
        SplittableRandom random = new SplittableRandom(seed);
        TransportListing late = new TransportListing();
        Set<String> tags = new HashSet<>();
        for (long revision = 1; revision <= 60; revision++) {
            TransportUp up = up(random.nextInt(12), random.nextInt(12), revision);
            if (random.nextBoolean()) {
                listing.take(up);
            } else {
                listing.take(down(up, revision));
            }
            tags.add(listing.tag());
        }
        replay(seed, late);

        assertThat(late.tag()).as("seed %d", seed).isEqualTo(listing.tag());
        assertThat(tags).as("seed %d", seed).hasSize(60);
    }

    /// The same changes, the last first: only the newest of each transport counts.
    private static void replay(long seed, TransportListing late) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Runnable> changes = new ArrayList<>();
        for (long revision = 1; revision <= 60; revision++) {
            TransportUp up = up(random.nextInt(12), random.nextInt(12), revision);
            long now = revision;
            changes.add(random.nextBoolean() ? () -> late.take(up) : () -> late.take(down(up, now)));
        }
        changes.reversed().forEach(Runnable::run);
    }

    private byte[] all(Selection selection) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        listing.writeTo(out, selection);
        return out.toByteArray();
    }

    private static List<String> ids(byte[] json) {
        return JSON.readTree(json)
                .valueStream()
                .map(entry -> entry.get("t_id").stringValue())
                .toList();
    }

    private static String id(TransportUp transport) {
        return transport.id().toString();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static TransportUp up(int one, int other, long revision) {
        TransportEntry entry = TransportEntry.between(KEYS.get(one), KEYS.get(other), TransportType.TCP);
        return new TransportUp(
                entry.id(), entry.lower(), entry.higher(), entry.type(), 16_384, Optional.empty(), revision);
    }

    private static TransportDown down(TransportUp up, long revision) {
        return new TransportDown(up.id(), up.lower(), up.higher(), Reason.REPORTED_DOWN, revision);
    }
}
