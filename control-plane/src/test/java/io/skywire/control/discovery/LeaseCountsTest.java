package io.skywire.control.discovery;

import static io.skywire.control.discovery.DiscoveryRoom.down;
import static io.skywire.control.discovery.DiscoveryRoom.transport;
import static io.skywire.control.discovery.DiscoveryRoom.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.transport.SignedTransport;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What the gauges of leases and transports say.
final class LeaseCountsTest {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private static final List<KeyPair> NODES = TestKeys.pairs(3, 61);
    private static final KeyPair A = NODES.get(0);
    private static final KeyPair B = NODES.get(1);
    private static final KeyPair C = NODES.get(2);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private DiscoveryRoom room;
    private LeaseCounts counts;

    @BeforeEach
    void open() {
        room = new DiscoveryRoom(POSTGRES.database(), 100);
        counts = new LeaseCounts(room.jdbc, room.clock, meters);
    }

    @AfterEach
    void close() {
        room.close();
    }

    private double gauge(String name, String... tags) {
        return meters.get(name).tags(tags).gauge().value();
    }

    @Test
    void aTransportIsStaleFromTheEndOfALeaseUntilItIsSwept() {
        SignedTransport both = transport(A, B);
        SignedTransport other = transport(B, C);
        room.report(A, up(both));
        room.report(B, up(both), up(other));
        room.report(C, up(other));
        room.report(C, down(other));
        counts.count();
        assertThat(gauge("skywire.discovery.leases")).isEqualTo(3);
        assertThat(gauge("skywire.discovery.transports", "state", "up")).isEqualTo(1);
        assertThat(gauge("skywire.discovery.transports", "state", "down")).isEqualTo(1);
        assertThat(gauge("skywire.discovery.transports.stale")).isZero();

        room.clock.advance(Duration.ofSeconds(31)); // nobody renews, nobody sweeps
        counts.count();
        assertThat(gauge("skywire.discovery.leases")).isZero();
        assertThat(gauge("skywire.discovery.transports", "state", "up")).isEqualTo(1);
        assertThat(gauge("skywire.discovery.transports.stale")).isEqualTo(1);

        room.pass(Duration.ofSeconds(62));
        counts.count();
        assertThat(gauge("skywire.discovery.transports", "state", "up")).isZero();
        assertThat(gauge("skywire.discovery.transports.stale")).isZero();
    }

    @Test
    void nothingIsKnownBeforeTheFirstCount() {
        assertThat(gauge("skywire.discovery.transports.stale")).isNaN();
    }
}
