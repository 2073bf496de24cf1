package io.skywire.node.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.node.directory.DirectoryEntry;
import io.skywire.node.directory.FakeDiscovery;
import io.skywire.node.letters.ReturnReason;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(240)
class MailboxTest {
    private TestNetwork network;

    @BeforeEach
    void aNetwork() throws Exception {
        network = new TestNetwork();
    }

    @AfterEach
    void stop() throws Exception {
        network.close();
    }

    private Set<PublicKey> published(TestNetwork.Box box) {
        return Optional.ofNullable(network.discovery.entries.get(box.key()))
                .flatMap(DirectoryEntry::client)
                .map(client -> Set.copyOf(client.servers()))
                .orElse(Set.of());
    }

    private Mailbox.Reach reach(TestNetwork.Box from, PublicKey peer) throws Exception {
        return from.mailbox.reach(peer).toCompletableFuture().get(TestNetwork.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void keepsSessionsWithSeveralServersAndSaysWhere() throws Exception {
        network.server();
        network.server();
        network.server();

        TestNetwork.Box alice = network.mailbox(2).awaitSessions(2);

        TestNetwork.eventually()
                .untilAsserted(() -> assertThat(published(alice)).isEqualTo(alice.mailbox.servers()));
        MailboxStatus status = alice.mailbox.status();
        assertThat(status.sessions()).allSatisfy(session -> {
            assertThat(session.state()).isEqualTo(MailboxStatus.State.UP);
            assertThat(session.kind()).isEqualTo(MailboxStatus.Kind.OWN);
        });
        assertThat(status.observedAddress().orElseThrow()).startsWith("127.0.0.1:");
        assertThat(status.problems()).isEmpty();
        TestNetwork.eventually()
                .untilAsserted(() -> assertThat(alice.mailbox.status().sessions())
                        .allSatisfy(session -> assertThat(session.roundTrip()).isPresent()));
    }

    @Test
    void exchangesLettersThroughASharedServer() throws Exception {
        TestNetwork.Server server = network.server();
        TestNetwork.Box alice = network.mailbox(1).awaitSessions(1);
        TestNetwork.Box bob = network.mailbox(1).awaitSessions(1);
        TestNetwork.eventually().until(() -> !published(bob).isEmpty());

        assertThat(reach(alice, bob.key())).isEqualTo(new Mailbox.Reach.Via(server.key()));
        for (int i = 0; i < 100; i++) {
            alice.send(bob.key(), server.key(), "letter " + i);
        }

        TestNetwork.eventually().untilAsserted(() -> assertThat(bob.letters).hasSize(100));
        assertThat(bob.letters.getFirst()).isEqualTo(alice.key().shortHex() + " letter 0");
        assertThat(bob.letters.getLast()).endsWith("letter 99");
        assertThat(alice.mailbox.status().lettersOut()).isEqualTo(100);
    }

    @Test
    void opensASessionWithAServerOfThePeerWhenNoneIsSharedAndEndsItWhenUnused() throws Exception {
        TestNetwork.Server first = network.server();
        TestNetwork.Box alice = network.mailbox(
                        KeyPair.generate(new SecureRandom()),
                        TestNetwork.SETTINGS.withSessions(1, 1, Duration.ofSeconds(2)))
                .awaitSessions(1);
        DirectoryEntry firstEntry = network.discovery.entries.remove(first.key());
        TestNetwork.Server second = network.server();
        TestNetwork.Box bob = network.mailbox(1).awaitSessions(1);
        TestNetwork.eventually().until(() -> published(bob).equals(Set.of(second.key())));
        network.discovery.entries.put(first.key(), firstEntry);

        Mailbox.Reach way = reach(alice, bob.key());

        assertThat(way).isEqualTo(new Mailbox.Reach.Via(second.key()));
        alice.send(bob.key(), second.key(), "over there");
        TestNetwork.eventually().untilAsserted(() -> assertThat(bob.letters).hasSize(1));
        assertThat(published(alice)).containsExactly(first.key());
        TestNetwork.eventually()
                .untilAsserted(() -> assertThat(alice.mailbox.servers()).containsExactly(first.key()));
        assertThat(alice.mailbox.status().ends()).containsEntry(SessionEnd.IDLE, 1L);
    }

    @Test
    void saysWhyAPeerCannotBeReached() throws Exception {
        network.server();
        TestNetwork.Box alice = network.mailbox(1).awaitSessions(1);
        PublicKey nobody = KeyPair.generate(new SecureRandom()).publicKey();

        assertThat(reach(alice, nobody))
                .isInstanceOfSatisfying(
                        Mailbox.Reach.Nowhere.class,
                        nowhere -> assertThat(nowhere.cause()).isEqualTo(Mailbox.Cause.UNKNOWN_PEER));

        network.discovery.instead = Optional.of(new FakeDiscovery.Canned(503, "{}"));
        PublicKey other = KeyPair.generate(new SecureRandom()).publicKey();
        assertThat(reach(alice, other))
                .isInstanceOfSatisfying(
                        Mailbox.Reach.Nowhere.class,
                        nowhere -> assertThat(nowhere.cause()).isEqualTo(Mailbox.Cause.DISCOVERY_AWAY));
    }

    @Test
    void hearsThatALetterCouldNotGoOn() throws Exception {
        TestNetwork.Server server = network.server();
        TestNetwork.Box alice = network.mailbox(1).awaitSessions(1);

        alice.send(KeyPair.generate(new SecureRandom()).publicKey(), server.key(), "anybody?");

        TestNetwork.eventually()
                .untilAsserted(() -> assertThat(alice.returned).containsExactly(ReturnReason.NO_SUCH_PEER));
    }

    @Test
    void replacesADeadServerByAnother() throws Exception {
        TestNetwork.Server first = network.server();
        TestNetwork.Box alice = network.mailbox(1).awaitSessions(1);
        TestNetwork.Server second = network.server();
        TestNetwork.eventually()
                .until(() -> network.discovery.requests.stream()
                                .filter(request -> request.endsWith("available_servers"))
                                .count()
                        > 3); // it knows of the second

        first.crash();

        TestNetwork.eventually()
                .untilAsserted(() -> assertThat(alice.mailbox.servers()).containsExactly(second.key()));
        assertThat(alice.events)
                .containsExactly(
                        "up " + first.key().shortHex(),
                        "down " + first.key().shortHex(),
                        "up " + second.key().shortHex());
        TestNetwork.eventually()
                .untilAsserted(() -> assertThat(published(alice)).containsExactly(second.key()));
    }

    @Test
    void comesBackToTheOnlyServerThereIs() throws Exception {
        TestNetwork.Server server = network.server();
        TestNetwork.Box alice = network.mailbox(1).awaitSessions(1);
        TestNetwork.Box bob = network.mailbox(1).awaitSessions(1);

        server.crash();
        TestNetwork.eventually()
                .untilAsserted(() -> assertThat(alice.mailbox.servers()).isEmpty());
        TestNetwork.eventually()
                .untilAsserted(() -> assertThat(alice.mailbox.status().problems())
                        .anySatisfy(problem -> assertThat(problem).contains("messaging server")));
        assertThat(bob.mailbox.status().ends()).containsEntry(SessionEnd.LEFT, 1L);

        TestNetwork.Server other = network.server();

        TestNetwork.eventually()
                .untilAsserted(() -> assertThat(alice.mailbox.servers()).containsExactly(other.key()));
        TestNetwork.eventually()
                .untilAsserted(
                        () -> assertThat(alice.mailbox.status().problems()).isEmpty());
    }

    @Test
    void movesWithoutAGapWhenAServerDrains() throws Exception {
        TestNetwork.Server first = network.server();
        TestNetwork.Box alice = network.mailbox(1).awaitSessions(1);
        TestNetwork.Box bob = network.mailbox(1).awaitSessions(1);
        TestNetwork.Server second = network.server();

        first.publisher.withdraw();
        assertThat(first.relay.drain(TestNetwork.PATIENCE)).isZero();

        assertThat(List.of(alice, bob)).allSatisfy(box -> {
            box.awaitSessions(1);
            assertThat(box.mailbox.servers()).containsExactly(second.key());
            assertThat(box.events)
                    .containsExactly(
                            "up " + first.key().shortHex(),
                            "leaving " + first.key().shortHex(),
                            "up " + second.key().shortHex(),
                            "down " + first.key().shortHex());
            assertThat(box.mailbox.status().ends()).containsEntry(SessionEnd.MOVED, 1L);
        });
    }

    @Test
    void tellsTheOperatorOfASecondProgramWithTheSameKey() throws Exception {
        TestNetwork.Server server = network.server();
        KeyPair keys = KeyPair.generate(new SecureRandom());
        MailboxSettings settings = TestNetwork.SETTINGS.withSessions(1, 1, Duration.ofMinutes(1));
        TestNetwork.Box first = network.mailbox(keys, settings).awaitSessions(1);

        TestNetwork.Box second = network.mailbox(keys, settings);

        TestNetwork.eventually()
                .untilAsserted(() -> assertThat(second.mailbox.status().problems())
                        .anySatisfy(problem -> assertThat(problem)
                                .contains("another program uses this node's key")
                                .contains(server.key().shortHex())));
        TestNetwork.eventually()
                .untilAsserted(() -> assertThat(first.mailbox.status().problems())
                        .anySatisfy(
                                problem -> assertThat(problem).contains("another program claimed this node's key")));
        assertThat(first.mailbox.servers()).containsExactly(server.key());
        assertThat(second.mailbox.servers()).isEmpty();
        assertThat(second.mailbox.status().ends().get(SessionEnd.KEY_IN_USE)).isPositive();
    }

    @Test
    void goesElsewhereWhenAServerIsFull() throws Exception {
        TestNetwork.Server full = network.server(TestNetwork.RELAY.withSessions(1, 1, 1_000));
        network.mailbox(1).awaitSessions(1);
        TestNetwork.Server roomy = network.server();

        TestNetwork.Box bob = network.mailbox(1).awaitSessions(1);

        assertThat(bob.mailbox.servers()).containsExactly(roomy.key());
        assertThat(full.relay.sessions()).isEqualTo(1);
    }

    @Test
    void leavesTheDiscoveryWhenItEnds() throws Exception {
        TestNetwork.Server server = network.server();
        TestNetwork.Box alice = network.mailbox(1).awaitSessions(1);
        TestNetwork.eventually().until(() -> !published(alice).isEmpty());

        alice.close();

        assertThat(network.discovery.entries).doesNotContainKey(alice.key());
        TestNetwork.eventually()
                .untilAsserted(() -> assertThat(server.relay.sessions()).isZero());
    }

    @Test
    void dropsAndCountsWhatCannotBeSent() throws Exception {
        TestNetwork.Server server = network.server();
        TestNetwork.Box alice = network.mailbox(1).awaitSessions(1);
        PublicKey elsewhere = KeyPair.generate(new SecureRandom()).publicKey();
        byte[] large = new byte[alice.mailbox.maxPayload(server.key()).orElseThrow() + 1];

        alice.send(elsewhere, elsewhere, "no such server");
        alice.mailbox.send(elsewhere, server.key(), large, 0, large.length);

        assertThat(alice.mailbox.status().dropped())
                .containsEntry(LocalDrop.NO_SESSION, 1L)
                .containsEntry(LocalDrop.TOO_LARGE, 1L);
    }
}
