package io.skywire.control.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.discovery.StockEntry.Privacy;
import io.skywire.control.discovery.StockEntry.Registration;
import io.skywire.control.identity.RequestSigned;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.transport.SignedTransport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Leases of visors that never send a heartbeat.
final class StockTransportsTest {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private static final Duration LEASE = DiscoveryRoom.STOCK_LEASE;
    private static final List<KeyPair> KEYS = TestKeys.pairs(2, 5);
    private static final KeyPair A = KEYS.get(0);
    private static final KeyPair B = KEYS.get(1);
    private static final SignedTransport LINK = DiscoveryRoom.transport(A, B);

    private DiscoveryRoom room;
    private StockTransports stock;

    @BeforeEach
    void open() {
        room = new DiscoveryRoom(POSTGRES.database(), 100);
        stock = room.stock;
    }

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void aRegistrationIsTheWordOfBothEdgesUntilItsLeaseEnds() {
        register(A);
        assertThat(room.isUp(LINK.id())).isTrue();

        room.pass(LEASE.minusSeconds(5));
        assertThat(room.isUp(LINK.id())).isTrue();
        room.pass(Duration.ofSeconds(10));
        assertThat(room.isUp(LINK.id())).isFalse();

        register(A);
        assertThat(room.isUp(LINK.id())).isTrue();
    }

    @Test
    void aSignedRequestOfEitherEdgeRenewsAndRevives() {
        register(A);
        room.pass(LEASE.minusSeconds(5));
        stock.alive(new RequestSigned(B.publicKey()));
        room.pass(LEASE.minusSeconds(5));
        assertThat(room.isUp(LINK.id())).isTrue();

        room.pass(Duration.ofSeconds(10));
        assertThat(room.isUp(LINK.id())).isFalse();
        stock.alive(new RequestSigned(A.publicKey()));
        assertThat(room.isUp(LINK.id())).isTrue();
    }

    @Test
    void lifeSignsDoNotBringBackWhatAnEdgeTookDown() {
        register(A);
        stock.say(B.publicKey(), Map.of(LINK.id(), LinkState.DOWN));
        stock.alive(new RequestSigned(A.publicKey()));
        stock.alive(new RequestSigned(B.publicKey()));
        assertThat(room.isUp(LINK.id())).isFalse();
    }

    @Test
    void theSessionOfAnAgentKeepsItsOwnWord() {
        register(A);
        room.report(B, DiscoveryRoom.down(LINK));
        assertThat(room.isUp(LINK.id())).isFalse();
        room.report(B, DiscoveryRoom.up(LINK));
        assertThat(room.isUp(LINK.id())).isTrue();

        stock.alive(new RequestSigned(A.publicKey()));
        room.pass(room.settings.lease().plusSeconds(2));
        assertThat(room.isUp(LINK.id())).isFalse();
    }

    private void register(KeyPair caller) {
        assertThat(stock.register(caller.publicKey(), List.of(new Registration(LINK, "user", Privacy.UNSAID))))
                .isInstanceOf(StockTransports.Outcome.Registered.class);
    }
}
