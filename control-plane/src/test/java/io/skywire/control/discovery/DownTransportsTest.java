package io.skywire.control.discovery;

import static io.skywire.control.discovery.DiscoveryRoom.down;
import static io.skywire.control.discovery.DiscoveryRoom.transport;
import static io.skywire.control.discovery.DiscoveryRoom.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.discovery.DownTransport.Word;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.SignedTransport;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class DownTransportsTest {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private static final List<KeyPair> KEYS = TestKeys.pairs(3, 12);

    private final KeyPair alice = KEYS.get(0);
    private final KeyPair bob = KEYS.get(1);
    private final KeyPair carol = KEYS.get(2);
    private final SignedTransport aliceBob = transport(alice, bob);
    private final SignedTransport bobCarol = transport(bob, carol);
    private DiscoveryRoom room;
    private DownTransports downs;

    @BeforeEach
    void open() {
        room = new DiscoveryRoom(POSTGRES.database(), 1000);
        downs = new StoredDownTransports(Objects.requireNonNull(room.jdbc.getDataSource()));
    }

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void whatIsUpIsNotListed() {
        room.report(alice, up(aliceBob));
        room.report(bob, up(aliceBob));

        assertThat(downs.at(List.of(alice.publicKey()), 10)).isEmpty();
    }

    @Test
    void saysWhatEachEdgeSays() {
        room.report(alice, up(aliceBob));
        room.report(bob, down(aliceBob));

        assertThat(downs.at(List.of(bob.publicKey()), 10)).singleElement().satisfies(down -> {
            assertThat(down.id()).isEqualTo(aliceBob.id());
            assertThat(says(down, alice)).isEqualTo(Word.UP);
            assertThat(says(down, bob)).isEqualTo(Word.DOWN);
        });
    }

    @Test
    void tellsSilenceFromALeaseThatRanOut() {
        room.report(alice, up(aliceBob));
        room.clock.advance(room.settings.lease().plusSeconds(1));
        room.registry.expire(10);

        DownTransport down = downs.at(List.of(alice.publicKey()), 10).getFirst();

        assertThat(says(down, alice)).isEqualTo(Word.EXPIRED);
        assertThat(says(down, bob)).isEqualTo(Word.NOTHING);
    }

    @Test
    void listsThoseOfTheseEdgesOnlyAndNoMoreThanAsked() {
        room.report(alice, up(aliceBob));
        room.report(carol, up(bobCarol));

        assertThat(downs.at(List.of(alice.publicKey()), 10))
                .extracting(DownTransport::id)
                .containsExactly(aliceBob.id());
        assertThat(downs.at(List.of(bob.publicKey()), 10)).hasSize(2);
        assertThat(downs.at(List.of(bob.publicKey()), 1)).hasSize(1);
    }

    @Test
    void privateOnesAreNobodysBusiness() {
        room.report(alice, up(aliceBob));
        room.jdbc.update("UPDATE transports SET private = true");

        assertThat(downs.at(List.of(alice.publicKey()), 10)).isEmpty();
    }

    private static Word says(DownTransport down, KeyPair edge) {
        PublicKey key = edge.publicKey();
        return down.lower().equals(key) ? down.lowerSays() : down.higherSays();
    }
}
