package io.skywire.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.skywire.node.transport.LinkMeter.Counts;
import io.skywire.node.transport.LinkMeter.Ping;
import io.skywire.shared.transport.LinkMeasurement;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LinkMeterTest {
    private static final Duration BEAT = Duration.ofSeconds(1);
    private static final Duration ROUND_TRIP = Duration.ofMillis(7);

    private Instant now = Instant.parse("2026-11-22T12:00:00Z");
    private final LinkMeter meter = new LinkMeter(now, BEAT);
    private long packets;
    private long bytes;
    private long dropped;

    private LinkMeasurement beat(Ping ping) {
        now = now.plus(BEAT);
        meter.beat(now, new Counts(packets, bytes, dropped), ping);
        return meter.measured(Optional.of(ROUND_TRIP));
    }

    private LinkMeasurement beats(int count, int sentEach, int droppedEach, Ping ping) {
        for (int i = 1; i < count; i++) {
            traffic(sentEach, droppedEach);
            beat(ping);
        }
        traffic(sentEach, droppedEach);
        return beat(ping);
    }

    private void traffic(int sent, int lost) {
        packets += sent;
        bytes += 1_000L * sent;
        dropped += lost;
    }

    @Test
    void aQuietHealthyLinkHasARoundTripAndNothingElse() {
        assertThat(beats(40, 1, 0, Ping.ANSWERED))
                .extracting(LinkMeasurement::roundTrip, LinkMeasurement::loss, LinkMeasurement::load)
                .containsExactly(Optional.of(ROUND_TRIP), 0, 0);
    }

    @Test
    void lossIsTheShareOfPacketsThatWereDropped() {
        assertThat(beats(200, 900, 100, Ping.ANSWERED).loss()).isCloseTo(100_000, within(1_000));
    }

    @Test
    void lossIsWeighedByPacketsAndNotByHeartbeats() {
        beats(8, 1_000, 1_000, Ping.ANSWERED);
        LinkMeasurement mostlyQuiet = beats(8, 1, 0, Ping.ANSWERED);

        assertThat(mostlyQuiet.loss())
                .as("of the window's packets half were dropped, whenever that was")
                .isCloseTo(500_000, within(10_000));
    }

    @Test
    void lossFadesWhenNothingIsLostAnyMore() {
        int bad = beats(100, 100, 20, Ping.ANSWERED).loss();
        int later = beats(16, 100, 0, Ping.ANSWERED).loss();
        int muchLater = beats(100, 100, 0, Ping.ANSWERED).loss();

        assertThat(later).isBetween(bad / 4, bad / 2);
        assertThat(muchLater).isLessThan(1_000);
    }

    @Test
    void anUnansweredHeartbeatIsLossOnALinkWithoutTraffic() {
        LinkMeasurement one = beats(1, 1, 0, Ping.UNANSWERED);
        LinkMeasurement all = beats(100, 1, 0, Ping.UNANSWERED);

        assertThat(one.loss()).isCloseTo(LinkMeasurement.WHOLE / LinkMeter.WINDOW, within(1_000));
        assertThat(all.loss()).isGreaterThan(990_000);
    }

    @Test
    void bothKindsOfLossCountAndNeverComeToMoreThanAll() {
        beats(200, 500, 500, Ping.ANSWERED);
        int halfAndSome = beats(1, 500, 500, Ping.UNANSWERED).loss();

        assertThat(halfAndSome).isCloseTo(531_250, within(2_000));
        assertThat(beats(300, 0, 500, Ping.UNANSWERED).loss()).isBetween(999_000, LinkMeasurement.WHOLE);
    }

    @Test
    void throughputIsBytesPerSecond() {
        assertThat(beats(200, 50, 0, Ping.ANSWERED).throughput()).isCloseTo(50_000, within(10L));
        assertThat(beats(16, 0, 0, Ping.ANSWERED).throughput())
                .as("after a window a third is left")
                .isBetween(15_000L, 20_000L);
    }

    @Test
    void throughputCountsTheTimeThatReallyPassed() {
        for (int i = 0; i < 100; i++) {
            now = now.plusSeconds(1); // each heartbeat comes a second late
            traffic(50, 0);
            beat(Ping.ANSWERED);
        }
        assertThat(meter.measured(Optional.empty()).throughput()).isCloseTo(25_000, within(250L));
    }

    @Test
    void loadIsTheShareOfTimeInWhichTheSocketTookNothing() {
        for (int i = 0; i < 200; i++) {
            meter.congested(now.toEpochMilli() + 100);
            meter.congested(now.toEpochMilli() + 200); // known already
            meter.relieved(now.toEpochMilli() + 400);
            meter.relieved(now.toEpochMilli() + 500);
            beat(Ping.ANSWERED);
        }
        assertThat(meter.measured(Optional.empty()).load()).isCloseTo(300_000, within(1_000));
    }

    @Test
    void congestionThatGoesOnOverManyHeartbeatsIsFullLoad() {
        meter.congested(now.toEpochMilli());

        assertThat(beats(1, 0, 0, Ping.ANSWERED).load()).isCloseTo(62_500, within(1_000));
        assertThat(beats(200, 0, 0, Ping.ANSWERED).load()).isGreaterThan(999_000);
    }

    @Test
    void aClockThatIsSetInventsNeitherLoadNorThroughput() {
        LinkMeasurement before = beats(200, 50, 0, Ping.ANSWERED);
        meter.congested(now.toEpochMilli());
        now = now.plus(Duration.ofDays(3));
        LinkMeasurement forward = beats(1, 50, 0, Ping.ANSWERED);
        now = now.minus(Duration.ofDays(9));
        LinkMeasurement back = beats(1, 50, 0, Ping.ANSWERED);

        assertThat(forward).isEqualTo(before);
        assertThat(back).isEqualTo(before);
        meter.relieved(now.toEpochMilli());
        assertThat(beats(1, 50, 0, Ping.ANSWERED).load()).isZero();
    }
}
