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
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What becomes of transports that nobody speaks of any more.
final class DeadTransportPurgeTest {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private static final List<KeyPair> NODES = TestKeys.pairs(4, 51);
    private static final KeyPair A = NODES.get(0);
    private static final KeyPair B = NODES.get(1);
    private static final KeyPair C = NODES.get(2);
    private static final Duration WEEK = Duration.ofDays(7);

    private DiscoveryRoom room;
    private DeadTransportPurge purge;

    @BeforeEach
    void open() {
        room = new DiscoveryRoom(POSTGRES.database(), 100);
        purge = new DeadTransportPurge(room.jdbc, room.clock, new PurgeSettings(WEEK, 2), new SimpleMeterRegistry());
    }

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void removesWhatHasBeenDownForAWeekAndNothingElse() {
        SignedTransport dead = transport(A, B);
        SignedTransport alive = transport(B, C);
        SignedTransport oneSided = transport(A, C);
        room.report(A, up(dead));
        room.report(B, up(dead));
        room.report(A, down(dead));
        room.pass(Duration.ofSeconds(62)); // B's word on it expires
        room.clock.advance(WEEK.minusMinutes(3));
        purge.purge();
        assertThat(ids()).containsExactly(dead.id());

        room.clock.advance(Duration.ofMinutes(3));
        room.report(B, up(alive));
        room.report(C, up(alive), up(oneSided));
        purge.purge();

        assertThat(ids()).containsExactlyInAnyOrder(alive.id(), oneSided.id());
        assertThat(room.jdbc.queryForObject("SELECT count(*) FROM transport_views", Integer.class))
                .isEqualTo(3);
    }

    @Test
    void removesABatchAtATime() {
        for (KeyPair other : List.of(B, C, NODES.get(3))) {
            room.report(A, down(transport(A, other)));
        }
        room.clock.advance(WEEK.plusMinutes(1));

        purge.purge();
        assertThat(ids()).hasSize(1);
        purge.purge();
        assertThat(ids()).isEmpty();
    }

    @Test
    void leavesARowInUseForLater() {
        room.report(A, down(transport(A, B)));
        room.clock.advance(WEEK.plusMinutes(1));

        room.inTransaction(() -> {
            room.jdbc.queryForList("SELECT id FROM transports FOR UPDATE");
            Thread other = Thread.ofPlatform().start(purge::purge);
            try {
                assertThat(other.join(Duration.ofSeconds(20))).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });

        assertThat(ids()).hasSize(1);
    }

    @Test
    void aTransportThatComesBackHasANewerRevisionThanItEverHad() {
        SignedTransport transport = transport(A, B);
        for (int i = 0; i < 5; i++) {
            room.report(A, up(transport));
            room.report(B, up(transport));
            room.report(A, down(transport));
        }
        room.pass(Duration.ofSeconds(62));
        long before = room.registry.all().getFirst().revision();
        room.clock.advance(WEEK.plusMinutes(1));
        purge.purge();
        assertThat(ids()).isEmpty();

        // The default is the database's own second; what was removed is a week older.
        room.jdbc.update("ALTER TABLE transports ALTER COLUMN revision"
                + " SET DEFAULT floor(extract(epoch FROM now() + interval '7 days'))::bigint");
        try {
            room.events.clear();
            room.report(A, up(transport));
            room.report(B, up(transport));
        } finally {
            room.jdbc.update("ALTER TABLE transports ALTER COLUMN revision"
                    + " SET DEFAULT floor(extract(epoch FROM now()))::bigint");
        }

        assertThat(room.events)
                .singleElement()
                .isInstanceOfSatisfying(
                        TransportUp.class, up -> assertThat(up.revision()).isGreaterThan(before));
    }

    @Test
    void aMonitorsWordExpiresSessionsAndEndsStockVisors() {
        SignedTransport told = transport(A, B);
        SignedTransport untold = transport(A, C);
        for (SignedTransport one : List.of(told, untold)) {
            room.report(A, up(one));
        }
        room.report(B, up(told));
        room.report(C, up(untold));
        room.jdbc.update(
                "UPDATE transport_views SET stock = true WHERE transport_id = ? AND edge = ?",
                told.id().uuid(),
                B.publicKey().bytes());

        room.deregistrations().deregister(List.of(told.id(), transport(B, C).id()));

        assertThat(room.isUp(told.id())).isFalse();
        assertThat(room.isUp(untold.id())).isTrue();
        assertThat(room.events.getLast()).isInstanceOf(TransportDown.class);
        room.registry.renew(A.publicKey());
        assertThat(room.isUp(told.id())).as("the stock edge is still down").isFalse();
        room.report(B, up(told));
        assertThat(room.isUp(told.id())).isTrue();

        room.deregistrations().deregister(List.of(told.id()));
        assertThat(room.isUp(told.id())).isFalse();
        room.registry.renew(A.publicKey());
        room.registry.renew(B.publicKey());
        assertThat(room.isUp(told.id())).as("both sessions still hold the link").isTrue();
    }

    private List<TransportId> ids() {
        TreeMap<TransportId, Boolean> ids = new TreeMap<>();
        room.registry.all().forEach(one -> ids.put(one.id(), true));
        return List.copyOf(ids.keySet());
    }
}
