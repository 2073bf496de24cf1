package io.skywire.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.shared.packet.PacketLayout;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
    private final Heartbeat heartbeat = new Heartbeat(3);
    private final Instant start = Instant.parse("2026-11-22T12:00:00Z");

    private static byte[] payload(byte[] ping) {
        return Arrays.copyOfRange(ping, PacketLayout.HEADER_LENGTH, ping.length);
    }

    @Test
    void isSilentAfterSoManyHeartbeatsWithoutAByte() {
        assertThat(heartbeat.isSilent()).isFalse();
        assertThat(heartbeat.isSilent()).isFalse();
        heartbeat.heard();
        assertThat(heartbeat.isSilent()).isFalse();
        assertThat(heartbeat.isSilent()).isFalse();
        assertThat(heartbeat.isSilent()).isTrue();
    }

    @Test
    void smoothsRoundTrips() {
        byte[] first = heartbeat.ping(start);
        assertThat(heartbeat.pong(payload(first), start.plusMillis(8))).contains(Duration.ofMillis(8));
        byte[] second = heartbeat.ping(start);
        assertThat(heartbeat.pong(payload(second), start.plusMillis(16))).contains(Duration.ofMillis(16));

        assertThat(heartbeat.roundTrip()).contains(Duration.ofMillis(9));
    }

    @Test
    void countsOnlyThePongOfTheLastPingAndOnlyOnce() {
        byte[] old = heartbeat.ping(start);
        byte[] last = heartbeat.ping(start);

        assertThat(heartbeat.pong(payload(old), start)).isEmpty();
        assertThat(heartbeat.pong(new byte[0], start)).isEmpty();
        assertThat(heartbeat.pong(payload(last), start)).isPresent();
        assertThat(heartbeat.pong(payload(last), start)).isEmpty();
    }

    @Test
    void ignoresARoundTripAcrossAClockThatWasSetBack() {
        byte[] ping = heartbeat.ping(start);

        assertThat(heartbeat.pong(payload(ping), start.minusSeconds(1))).isEmpty();
        assertThat(heartbeat.roundTrip()).isEmpty();
    }
}
