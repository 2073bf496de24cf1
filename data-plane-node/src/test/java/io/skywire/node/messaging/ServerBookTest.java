package io.skywire.node.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.node.directory.DirectoryEntry;
import io.skywire.node.directory.EntryContent;
import io.skywire.node.directory.FakeDiscovery;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ServerBookTest {
    private final Random random = new Random(17);
    private final ServerBook book = new ServerBook(Duration.ofMillis(100), Duration.ofSeconds(10), random);
    private long now;

    private DirectoryEntry server(String address, long free) {
        return FakeDiscovery.signed(KeyPair.generate(random), new EntryContent.OfServer(address, free));
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private boolean mayDial(DirectoryEntry server) {
        return book.mayDial(server.key(), now);
    }

    @Test
    void drawsServersWithMoreRoomMoreOften() {
        DirectoryEntry roomy = server("192.0.2.1:1", 900);
        DirectoryEntry tight = server("192.0.2.2:1", 100);
        book.learn(List.of(roomy, tight));
        Map<PublicKey, Integer> first = new HashMap<>();

        for (int i = 0; i < 1_000; i++) {
            first.merge(book.draw(1, Set.of(), now).getFirst().key(), 1, Integer::sum);
        }

        assertThat(first.get(roomy.key())).isBetween(850, 950);
        assertThat(book.draw(3, Set.of(), now)).hasSize(2);
        assertThat(book.draw(3, Set.of(roomy.key()), now))
                .extracting(ServerAddress::key)
                .containsExactly(tight.key());
    }

    @Test
    void letsTheBackOffDoubleOnlyForRepeatedFailures() {
        DirectoryEntry only = server("192.0.2.1:1", 10);
        book.learn(List.of(only));

        book.failed(only.key(), ServerBook.SessionStood.NO, now);
        assertThat(mayDial(only)).isFalse();
        pass(Duration.ofMillis(101));
        assertThat(mayDial(only)).isTrue();

        for (int i = 0; i < 40; i++) {
            book.failed(only.key(), ServerBook.SessionStood.NO, now);
        }
        pass(Duration.ofMillis(4_999));
        assertThat(mayDial(only)).isFalse();
        pass(Duration.ofMillis(5_002));
        assertThat(mayDial(only)).isTrue();
    }

    @Test
    void forgivesAServerWhoseSessionStoodForLong() {
        DirectoryEntry only = server("192.0.2.1:1", 10);
        book.learn(List.of(only));
        for (int i = 0; i < 10; i++) {
            book.failed(only.key(), ServerBook.SessionStood.NO, now);
        }
        pass(Duration.ofMinutes(1));
        book.up(only.key(), now);
        pass(Duration.ofMinutes(1));

        book.failed(only.key(), ServerBook.SessionStood.YES, now);

        pass(Duration.ofMillis(101));
        assertThat(mayDial(only)).isTrue();
    }

    @Test
    void remembersTheRestOfAServerThatIsListedNoMoreAndComesBack() {
        DirectoryEntry leaving = server("192.0.2.1:1", 10);
        book.learn(List.of(leaving));
        book.rest(leaving.key(), Duration.ofSeconds(30), now);

        book.learn(List.of());
        assertThat(book.isEmpty()).isTrue();
        assertThat(book.draw(1, Set.of(), now)).isEmpty();
        book.learn(List.of(leaving));

        assertThat(mayDial(leaving)).isFalse();
        assertThat(book.nextDial(Set.of(), now))
                .hasValueSatisfying(wait -> assertThat(wait).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(38)));
        pass(Duration.ofSeconds(38));
        assertThat(mayDial(leaving)).isTrue();
    }

    @Test
    void passesOverAddressesThatAreNone() {
        book.learn(List.of(
                server("", 1), server("host", 1), server("host:0", 1), server("host:99999", 1), server(":80", 1)));

        assertThat(book.isEmpty()).isTrue();
        DirectoryEntry six = server("[2001:db8::1]:7780", 1);
        book.learn(List.of(six));
        assertThat(book.find(six.key())).hasValueSatisfying(address -> {
            assertThat(address.host()).isEqualTo("2001:db8::1");
            assertThat(address).hasToString("[2001:db8::1]:7780");
        });
    }
}
