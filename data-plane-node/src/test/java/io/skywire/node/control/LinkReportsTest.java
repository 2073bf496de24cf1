package io.skywire.node.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.skywire.node.transport.Transport;
import io.skywire.node.transport.TransportSnapshot;
import io.skywire.proto.v1.LinkState;
import io.skywire.proto.v1.TransportReport;
import io.skywire.proto.v1.TransportView;
import io.skywire.proto.v1.ViewAnswer;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.HeldTransport;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import io.skywire.shared.transport.ViewDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LinkReportsTest {
    private static final Random RANDOM = new Random(0x11);
    private static final KeyPair US = KeyPair.generate(RANDOM);
    private static final List<PublicKey> SERVERS = IntStream.range(0, 2)
            .mapToObj(i -> KeyPair.generate(RANDOM).publicKey())
            .toList();

    private final LinkReports reports = new LinkReports(new ReportGate(new Random(5)));
    private final StillLink link = new StillLink(SERVERS);
    private Instant now = Instant.parse("2026-11-22T12:00:00Z");

    private record StillLink(SignedTransport signed, PublicKey remote, List<PublicKey> relays) implements Transport {
        StillLink(List<PublicKey> relays) {
            this(KeyPair.generate(RANDOM), relays);
        }

        private StillLink(KeyPair neighbour, List<PublicKey> relays) {
            this(
                    SignedTransport.signedByBoth(
                            TransportEntry.between(US.publicKey(), neighbour.publicKey(), TransportType.MESSAGING),
                            US,
                            neighbour),
                    neighbour.publicKey(),
                    relays);
        }

        @Override
        public int maxPayload() {
            return 1_400;
        }

        @Override
        public void send(byte[] packet, int offset, int length) {}

        @Override
        public void flush() {}

        @Override
        public TransportSnapshot snapshot() {
            throw new IllegalStateException("nobody asks this link for its counters");
        }

        @Override
        public void close(String reason) {}
    }

    private static LinkMeasurement measured(int millis, int loss) {
        return new LinkMeasurement(Optional.of(Duration.ofMillis(millis)), loss, 0, 0);
    }

    private Optional<TransportView> measurement() {
        return reports.measurements(now).map(TransportReport::getViewsList).map(List::getFirst);
    }

    @Test
    void aLinkThatComesUpIsToldWithItsRelays() {
        reports.up(link, now);

        TransportView view = reports.changes().orElseThrow().getViews(0);

        assertThat(view.getState()).isEqualTo(LinkState.LINK_STATE_UP);
        assertThat(view.getRttUs()).isZero();
        assertThat(view.getRelaysList().stream().map(ByteString::toByteArray).map(PublicKey::of))
                .containsExactlyInAnyOrderElementsOf(SERVERS);
        assertThat(reports.changes()).isEmpty();
        assertThat(measurement()).isEmpty();
    }

    @Test
    void aMeasurementIsToldOnceAndAgainWhenItHasReallyChanged() {
        reports.up(link, now);
        reports.changes();
        reports.measured(link.id(), measured(20, 0));
        assertThat(measurement().orElseThrow().getRttUs()).isEqualTo(20_000);
        assertThat(measurement()).isEmpty();

        now = now.plusSeconds(30);
        reports.measured(link.id(), measured(21, 1_000));
        assertThat(measurement()).isEmpty();
        reports.measured(link.id(), measured(21, 30_000));
        TransportView changed = measurement().orElseThrow();

        assertThat(changed.getLoss()).isEqualTo(30_000);
        assertThat(changed.getRttUs()).isEqualTo(21_000);
    }

    @Test
    void aLinkThatIsGoneIsToldAndMeasuredNoMore() {
        reports.up(link, now);
        reports.changes();
        reports.down(link, now);
        reports.measured(link.id(), measured(20, 0));

        assertThat(reports.changes().orElseThrow().getViews(0).getState()).isEqualTo(LinkState.LINK_STATE_DOWN);
        assertThat(measurement()).isEmpty();
    }

    @Test
    void aLinkThatIsBackBeforeTheReportIsUp() {
        reports.up(link, now);
        reports.changes();
        reports.down(link, now);
        reports.up(link, now);

        assertThat(reports.changes().orElseThrow().getViewsList())
                .extracting(TransportView::getState)
                .containsExactly(LinkState.LINK_STATE_UP);
    }

    @Test
    void oneReportTellsFewAndNobodyIsLeftOut() {
        List<StillLink> links = new ArrayList<>();
        for (int i = 0; i < LinkReports.MOST_MEASURED + 40; i++) {
            StillLink one = new StillLink(List.of());
            links.add(one);
            reports.up(one, now);
            reports.measured(one.id(), measured(20, 0));
        }
        reports.changes();
        Set<ByteString> told = new HashSet<>();

        now = now.plusSeconds(1);
        TransportReport first = reports.measurements(now).orElseThrow();
        now = now.plusSeconds(30);
        links.forEach(one -> reports.measured(one.id(), measured(60, 0)));
        TransportReport second = reports.measurements(now).orElseThrow();

        assertThat(first.getViewsCount()).isEqualTo(LinkReports.MOST_MEASURED);
        assertThat(second.getViewsCount()).isEqualTo(LinkReports.MOST_MEASURED);
        first.getViewsList().forEach(view -> told.add(view.getTransport().getId()));
        second.getViewsList().forEach(view -> told.add(view.getTransport().getId()));
        assertThat(told.size()).as("those of long ago go first").isEqualTo(links.size());
    }

    @Test
    void theDigestIsOfWhatWasToldAndAWholeViewTellsWhatIsMeasuredNow() {
        reports.up(link, now);
        reports.measured(link.id(), measured(20, 10_000));
        TransportView whole = reports.whole(now).getViews(0);
        reports.measured(link.id(), measured(90, 500_000));

        HeldTransport told = new HeldTransport(link.id(), measured(20, 10_000), 1_400, SERVERS);

        assertThat(whole.getLoss()).isEqualTo(10_000);
        assertThat(reports.digest().getBuckets().toByteArray())
                .isEqualTo(ViewDigest.of(List.of(told)).buckets());
        assertThat(reports.buckets(ViewAnswer.newBuilder().addBuckets(0).build())
                        .getViews(0))
                .as("what differs is told as it was hashed")
                .isEqualTo(whole);
    }
}
