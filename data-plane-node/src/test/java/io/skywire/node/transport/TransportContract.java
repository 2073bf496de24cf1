package io.skywire.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What every kind of [Transport] does, between nodes in one JVM over real sockets on loopback.
@Timeout(240)
abstract class TransportContract {
    private static final int[] SIZES = {4, 5, 63, 64, 65, 1_199, 1_200, 1_201, 8_160, 16_000, 16_383, 16_384};

    private final List<End> open = new ArrayList<>();

    /// One node's links of one kind.
    interface End extends AutoCloseable {
        KeyPair keys();

        Heard heard();

        List<Transport> live();

        List<DialState> dials();

        void keep(End other);

        @Override
        void close();

        default Transport awaitLink() {
            await().atMost(Heard.PATIENCE)
                    .untilAsserted(() -> assertThat(live())
                            .as("%s %s", heard().events, dials())
                            .hasSize(1));
            return live().getFirst();
        }
    }

    abstract TransportType type();

    /// A node that can be linked to, and link.
    abstract End open(KeyPair keys) throws Exception;

    static ConditionFactory soon() {
        return await().pollInterval(Duration.ofMillis(5)).atMost(Heard.PATIENCE);
    }

    End end() throws Exception {
        return end(KeyPair.generate(new SecureRandom()));
    }

    private End end(KeyPair keys) throws Exception {
        End end = open(keys);
        open.add(end);
        return end;
    }

    @AfterEach
    void closeAll() throws Exception {
        open.reversed().forEach(End::close);
        closeNetwork();
    }

    /// What the nodes need around them.
    void closeNetwork() throws Exception {}

    static void send(Transport transport, int route, int sequence, int payload) {
        byte[] packet = Packets.numbered(route, sequence, payload);
        transport.send(packet, 0, packet.length);
    }

    /// Whether a packet has come over; sends one more. Does not wait.
    static boolean carries(End from, End to, int route) {
        from.live().forEach(link -> {
            send(link, route, 0, 100);
            link.flush();
        });
        return !to.heard().sequences(route).isEmpty();
    }

    @Test
    void settlesAndBothEdgesHoldTheSameProof() throws Exception {
        End alice = end();
        End bob = end();
        alice.keep(bob);

        Transport ofAlice = alice.awaitLink();
        Transport ofBob = bob.awaitLink();

        assertThat(ofAlice.signed()).isEqualTo(ofBob.signed());
        assertThat(ofAlice.signed().isProven()).isTrue();
        assertThat(ofAlice.id())
                .isEqualTo(
                        TransportId.between(alice.keys().publicKey(), bob.keys().publicKey(), type()));
        assertThat(ofAlice.snapshot().type()).isEqualTo(type());
        assertThat(ofAlice.remote()).isEqualTo(bob.keys().publicKey());
        assertThat(ofBob.remote()).isEqualTo(alice.keys().publicKey());
        assertThat(ofAlice.snapshot().opener()).isEqualTo(TransportSnapshot.Opener.US);
        assertThat(ofBob.snapshot().opener()).isEqualTo(TransportSnapshot.Opener.NEIGHBOUR);
        soon().until(() -> alice.dials().getFirst().phase() == DialState.Phase.LINKED);
    }

    @Test
    void measuresRoundTripsAtBothEdges() throws Exception {
        End alice = end();
        End bob = end();
        alice.keep(bob);
        Transport ofAlice = alice.awaitLink();
        Transport ofBob = bob.awaitLink();

        soon().until(() -> alice.heard().measurements.size() > 2
                && bob.heard().measurements.size() > 2);

        assertThat(ofAlice.snapshot().roundTrip())
                .hasValueSatisfying(rtt -> assertThat(rtt).isPositive());
        assertThat(ofBob.snapshot().roundTrip())
                .hasValueSatisfying(rtt -> assertThat(rtt).isPositive());
    }

    @Test
    void carriesPacketsOfEverySizeBothWays() throws Exception {
        End alice = end();
        End bob = end();
        alice.keep(bob);
        Transport ofAlice = alice.awaitLink();
        Transport ofBob = bob.awaitLink();
        assertThat(ofAlice.maxPayload()).isEqualTo(PacketLayout.MAX_PAYLOAD).isEqualTo(ofBob.maxPayload());

        for (int i = 0; i < SIZES.length; i++) {
            send(ofAlice, 1, i, SIZES[i]);
            send(ofBob, 2, i, SIZES[i]);
            ofAlice.flush();
            ofBob.flush();
        }

        List<Integer> all = IntStream.range(0, SIZES.length).boxed().toList();
        soon().untilAsserted(() -> assertThat(bob.heard().sequences(1)).isEqualTo(all));
        soon().untilAsserted(() -> assertThat(alice.heard().sequences(2)).isEqualTo(all));
        assertThat(ofAlice.snapshot().packetsOut()).isGreaterThanOrEqualTo(SIZES.length);
        assertThat(ofBob.snapshot().packetsIn()).isGreaterThanOrEqualTo(SIZES.length);
        assertThat(ofAlice.snapshot().packetsDropped()).isZero();
    }

    @Test
    void carriesManyPacketsInOrderWhenNothingIsLost() throws Exception {
        End alice = end();
        End bob = end();
        alice.keep(bob);
        Transport ofAlice = alice.awaitLink();
        Transport ofBob = bob.awaitLink();

        for (int sequence = 0; sequence < 5_000; sequence++) {
            send(ofAlice, 1, sequence, 4 + sequence % 3_000);
            send(ofBob, 2, sequence, 4 + sequence % 3_000);
            if (sequence % 50 == 49) {
                int sent = sequence + 1;
                ofAlice.flush();
                ofBob.flush();
                soon().until(() -> bob.heard().sequences(1).size() == sent
                        && alice.heard().sequences(2).size() == sent);
            }
        }

        assertThat(bob.heard().sequences(1)).hasSize(5_000).isSorted();
        assertThat(alice.heard().sequences(2)).hasSize(5_000).isSorted();
    }

    @Test
    void dropsAndCountsWhatDoesNotFitAndRefusesWhatIsNoPacket() throws Exception {
        End alice = end();
        End bob = end();
        alice.keep(bob);
        Transport link = alice.awaitLink();
        bob.awaitLink();
        byte[] packet = Packets.numbered(1, 7, 100);

        send(link, 1, 6, link.maxPayload() + 1);
        link.send(packet, 0, packet.length);
        link.flush();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> link.send(packet, 0, packet.length - 1))
                .withMessageContaining("not one whole packet");
        soon().until(() -> !bob.heard().sequences(1).isEmpty());
        assertThat(bob.heard().sequences(1)).containsExactly(7);
        assertThat(link.snapshot().packetsDropped()).isEqualTo(1);
    }

    @Test
    void sendsNothingMoreOnceItIsClosed() throws Exception {
        End alice = end();
        End bob = end();
        bob.keep(alice);
        Transport link = alice.awaitLink();
        bob.awaitLink();

        link.close("for a test");
        soon().until(() -> alice.heard().events.contains("down: for a test"));
        long before = link.snapshot().packetsDropped();
        send(link, 9, 1, 100);
        link.flush();

        assertThat(link.snapshot().packetsDropped()).isEqualTo(before + 1);
        soon().until(() -> carries(alice, bob, 2));
        assertThat(bob.heard().sequences(9)).isEmpty();
    }

    @Test
    void redialsAfterTheLinkWasClosedByEitherEdge() throws Exception {
        End alice = end();
        End bob = end();
        alice.keep(bob);
        Transport first = alice.awaitLink();
        bob.awaitLink();

        first.close("for a test");
        first.close("a second time");
        soon().until(() -> bob.heard().events.contains("down: the neighbour closed the link: for a test"));
        soon().until(() -> alice.heard().ups() == 2 && bob.heard().ups() == 2);
        bob.awaitLink().close("the other way");
        soon().until(() -> alice.heard().ups() == 3 && bob.heard().ups() == 3);

        assertThat(alice.awaitLink()).isNotSameAs(first);
        assertThat(alice.heard().events).contains("down: for a test").doesNotContain("down: a second time");
    }

    @Test
    void aNodeDoesNotLinkToItself() throws Exception {
        End alice = end();

        assertThatIllegalArgumentException().isThrownBy(() -> alice.keep(alice));
    }

    @Test
    void dialsThatCrossLeaveTheSameLinkOnBothSides() throws Exception {
        for (int round = 0; round < 4; round++) {
            End alice = end();
            End bob = end();
            End lower = alice.keys().publicKey().compareTo(bob.keys().publicKey()) < 0 ? alice : bob;
            End higher = lower == alice ? bob : alice;

            alice.keep(bob);
            bob.keep(alice);

            soon().untilAsserted(() -> assertThat(carries(alice, bob, 1)
                            && carries(bob, alice, 2)
                            && openers(lower).size() == 1
                            && openers(higher).size() == 1
                            && !openers(lower).equals(openers(higher)))
                    .as("%s %s, %s %s", alice.heard().events, alice.dials(), bob.heard().events, bob.dials())
                    .isTrue());
            // Nothing is asked afterwards: a pair that agreed on one of the two may change to the other a moment later.
        }
    }

    private static List<TransportSnapshot.Opener> openers(End end) {
        return end.live().stream().map(link -> link.snapshot().opener()).toList();
    }

    @Test
    void aNodeThatWasStartedAnewIsLinkedAgain() throws Exception {
        KeyPair keys = KeyPair.generate(new SecureRandom());
        End bob = end();
        End before = end(keys);
        before.keep(bob);
        before.awaitLink();
        bob.awaitLink();
        before.close();

        End after = end(keys);
        after.keep(bob);

        soon().until(() -> after.heard().ups() == 1 && carries(after, bob, 3));
        soon().until(() -> carries(bob, after, 4));
        assertThat(bob.live()).hasSize(1);
        assertThat(bob.heard().events).contains("down: the neighbour closed the link: the node is ending");
    }

    @Test
    void packetsFromTheControlOfALinkNeverReachTheRoutes() throws Exception {
        End alice = end();
        End bob = end();
        alice.keep(bob);
        Transport link = alice.awaitLink();
        bob.awaitLink();
        byte[] packet = PacketLayout.packet(PacketType.KEEP_ALIVE, RouteId.LINK, new byte[0]);

        link.send(packet, 0, packet.length);
        link.flush();

        soon().until(() -> carries(alice, bob, 5));
        assertThat(bob.heard().sequences).containsOnlyKeys(5);
    }
}
