package io.skywire.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.node.messaging.TestNetwork;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportType;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Links through real messaging servers.
class MessagingContractTest extends TransportContract {
    private TestNetwork network;
    private TestNetwork.Server first;

    @BeforeEach
    void aNetwork() throws Exception {
        network = new TestNetwork();
        first = network.server();
    }

    @Override
    void closeNetwork() throws Exception {
        network.close();
    }

    @Override
    TransportType type() {
        return TransportType.MESSAGING;
    }

    @Override
    End open(KeyPair keys) {
        return open(keys, 2);
    }

    private MessagingEnd open(KeyPair keys, int sessions) {
        return new MessagingEnd(
                network,
                keys,
                TestNetwork.SETTINGS.withSessions(sessions, 4, Duration.ofMinutes(1)),
                MessagingEnd.SETTINGS);
    }

    private static PublicKey via(End end) {
        String address = end.awaitLink().snapshot().address();
        return PublicKey.parse(address.substring(address.indexOf(':') + 1));
    }

    @Test
    void goesOnThroughAnotherServerWhenOneDies() throws Exception {
        TestNetwork.Server second = network.server();
        MessagingEnd alice = (MessagingEnd) end();
        MessagingEnd bob = (MessagingEnd) end();
        soon().until(() ->
                alice.mailbox.servers().size() == 2 && bob.mailbox.servers().size() == 2);
        alice.keep(bob);
        Transport link = alice.awaitLink();
        bob.awaitLink();
        TestNetwork.Server dying = via(alice).equals(first.key()) ? first : second;
        TestNetwork.Server other = dying == first ? second : first;

        dying.crash();

        soon().until(() -> via(alice).equals(other.key()) && via(bob).equals(other.key()));
        soon().until(() -> carries(alice, bob, 1) && carries(bob, alice, 2));
        assertThat(alice.live()).containsExactly(link);
        assertThat(List.of(alice, bob))
                .allSatisfy(end -> assertThat(end.heard().events)
                        .containsOnlyOnce("up")
                        .noneMatch(event -> event.startsWith("down")));
    }

    @Test
    void movesWithoutALossWhenAServerDrains() throws Exception {
        MessagingEnd alice = open(KeyPair.generate(new SecureRandom()), 1);
        MessagingEnd bob = open(KeyPair.generate(new SecureRandom()), 1);
        try (alice;
                bob) {
            alice.keep(bob);
            Transport link = alice.awaitLink();
            bob.awaitLink();
            TestNetwork.Server second = network.server();
            first.publisher.withdraw();

            Thread draining = Thread.ofVirtual().start(() -> {
                try {
                    first.relay.drain(TestNetwork.PATIENCE);
                } catch (InterruptedException ending) {
                    Thread.currentThread().interrupt();
                }
            });
            for (int sequence = 0; !gone(draining, alice, bob, second.key()); sequence++) {
                int sent = sequence;
                send(link, 1, sent, 100);
                link.flush();
                soon().until(() -> bob.heard().sequences(1).size() == sent + 1);
            }

            assertThat(bob.heard().sequences(1)).isSorted().doesNotHaveDuplicates();
            assertThat(List.of(alice, bob))
                    .allSatisfy(end -> assertThat(end.heard().events)
                            .containsOnlyOnce("up")
                            .noneMatch(event -> event.startsWith("down")));
        }
    }

    /// Whether the server was left, and the link goes through the other one at both ends.
    private static boolean gone(Thread draining, MessagingEnd alice, MessagingEnd bob, PublicKey other) {
        return !draining.isAlive() && via(alice).equals(other) && via(bob).equals(other);
    }
}
