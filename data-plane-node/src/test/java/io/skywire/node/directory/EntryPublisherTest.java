package io.skywire.node.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.skywire.shared.key.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EntryPublisherTest {
    private final KeyPair keys = KeyPair.generate(new SecureRandom());
    private final AtomicLong free = new AtomicLong(5);
    private FakeDiscovery discovery;
    private DirectoryClient client;
    private EntryPublisher publisher;

    @BeforeEach
    void aDiscovery() throws Exception {
        discovery = new FakeDiscovery();
        client = new DirectoryClient(discovery.uri(), Duration.ofSeconds(20));
        publisher = publisher(Duration.ofMinutes(10));
    }

    @AfterEach
    void stop() {
        publisher.close();
        client.close();
        discovery.close();
    }

    private EntryPublisher publisher(Duration renewal) {
        return new EntryPublisher(
                client,
                keys,
                () -> new EntryContent.OfServer("127.0.0.1:7780", free.get()),
                renewal,
                InstantSource.system(),
                new Random(5));
    }

    private Optional<DirectoryEntry> entry() {
        return Optional.ofNullable(discovery.entries.get(keys.publicKey()));
    }

    @Test
    void publishesAtOnceAndAgainWhenSomethingHasChanged() {
        publisher.start();
        await().until(() -> entry().isPresent());

        free.set(4);
        publisher.changed();

        await().untilAsserted(() -> assertThat(
                        entry().orElseThrow().server().orElseThrow().availableSessions())
                .isEqualTo(4));
        assertThat(entry().orElseThrow().sequence()).isEqualTo(1);
        assertThat(publisher.failure()).isEmpty();
    }

    @Test
    void renewsByItself() {
        publisher = publisher(Duration.ofMillis(300));
        publisher.start();

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(entry().map(DirectoryEntry::sequence).orElse(0L))
                                .isGreaterThan(2));
    }

    @Test
    void goesOnWhereAnEarlierStartOfTheSameKeyHadCome() {
        discovery.entries.put(
                keys.publicKey(),
                DirectoryEntry.sign(
                        keys, 41, InstantSource.system().instant(), new EntryContent.OfServer("127.0.0.1:1", 1)));

        publisher.start();

        await().untilAsserted(() -> assertThat(entry().orElseThrow().sequence()).isEqualTo(42));
    }

    @Test
    void comesBackAfterSomebodyElsePublishedForItsKey() {
        publisher.start();
        await().until(() -> entry().isPresent());
        discovery.entries.put(
                keys.publicKey(),
                DirectoryEntry.sign(
                        keys, 100, InstantSource.system().instant(), new EntryContent.OfServer("127.0.0.1:1", 1)));

        publisher.changed();

        await().untilAsserted(() -> assertThat(entry().orElseThrow().sequence()).isEqualTo(101));
    }

    @Test
    void triesAgainWhenTheDiscoveryIsBack() {
        discovery.instead = Optional.of(new FakeDiscovery.Canned(503, "{\"message\":\"later\",\"code\":503}"));
        publisher.start();
        await().untilAsserted(() -> assertThat(publisher.failure()).isPresent());
        assertThat(publisher.failure().orElseThrow()).contains("503: later");

        discovery.instead = Optional.empty();

        await().atMost(Duration.ofSeconds(30)).until(() -> entry().isPresent());
        await().untilAsserted(() -> assertThat(publisher.failure()).isEmpty());
    }

    @Test
    void takesItsEntryOut() throws Exception {
        publisher.start();
        await().until(() -> entry().isPresent() && publisher.published().isPresent());

        assertThat(publisher.withdraw()).isEmpty();

        assertThat(entry()).isEmpty();
    }

    @Test
    void believesNothingThatIsTooLongOrNotSigned() {
        discovery.instead = Optional.of(new FakeDiscovery.Canned(200, "[" + " ".repeat(2 << 20) + "]"));
        assertThatThrownBy(client::availableServers).hasMessageContaining("more than a mebibyte");

        DirectoryEntry other = DirectoryEntry.sign(
                KeyPair.generate(new SecureRandom()),
                0,
                InstantSource.system().instant(),
                new EntryContent.OfServer("127.0.0.1:1", 1));
        discovery.instead = Optional.of(new FakeDiscovery.Canned(200, other.json()));
        assertThatThrownBy(() -> client.entry(keys.publicKey())).hasMessageContaining("has not signed");

        discovery.instead = Optional.of(new FakeDiscovery.Canned(200, "<html>"));
        assertThatThrownBy(() -> client.entry(keys.publicKey())).hasMessageContaining("no JSON");
    }
}
