package io.skywire.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.skywire.node.noise.CipherOffer;
import io.skywire.node.noise.LinkCipher;
import io.skywire.node.noise.LinkHandshake;
import io.skywire.node.wire.FrameBuilder;
import io.skywire.shared.key.KeyPair;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Two nodes in one JVM over real sockets on loopback.
class TcpTransportsTest {
    private final List<AutoCloseable> open = new ArrayList<>();

    private static ConditionFactory soon() {
        return await().pollInterval(Duration.ofMillis(5)).atMost(TestNode.PATIENCE);
    }

    private TestNode node() {
        return node(TestNode.SETTINGS);
    }

    private TestNode node(TcpSettings settings) {
        TestNode node = new TestNode(settings);
        open.add(node);
        return node;
    }

    private RogueNeighbour rogue(InetSocketAddress address) throws IOException {
        RogueNeighbour rogue = new RogueNeighbour(address);
        open.add(rogue);
        return rogue;
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    @Test
    void linksSettleAndBothEdgesHoldTheSameProof() throws Exception {
        TestNode alice = node();
        TestNode bob = node();
        alice.keep(bob, bob.listen());

        Transport ofAlice = alice.awaitLink();
        Transport ofBob = bob.awaitLink();

        assertThat(ofAlice.signed()).isEqualTo(ofBob.signed());
        assertThat(ofAlice.signed().isProven()).isTrue();
        assertThat(ofAlice.remote()).isEqualTo(bob.keys.publicKey());
        assertThat(ofBob.remote()).isEqualTo(alice.keys.publicKey());
        assertThat(ofAlice.snapshot().opener()).isEqualTo(TransportSnapshot.Opener.US);
        assertThat(ofBob.snapshot().opener()).isEqualTo(TransportSnapshot.Opener.NEIGHBOUR);
        assertThat(alice.transports.find(ofAlice.id())).containsSame(ofAlice);
        soon().until(() -> alice.transports.dials().getFirst().phase() == DialState.Phase.LINKED);
    }

    @Test
    void nodesOnJavasOwnSelectorsLinkToo() throws Exception {
        TestNode alice = new TestNode(
                TestNode.SETTINGS,
                KeyPair.generate(new SecureRandom()),
                new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()));
        open.add(alice);
        TestNode bob = node();
        bob.keep(alice, alice.listen());

        soon().until(() -> carries(bob, alice, 1));
        soon().until(() -> carries(alice, bob, 2));
    }

    @Test
    void roundTripsAreMeasuredAtBothEdges() throws Exception {
        TestNode alice = node();
        TestNode bob = node();
        alice.keep(bob, bob.listen());
        Transport ofAlice = alice.awaitLink();
        Transport ofBob = bob.awaitLink();

        soon().until(() -> alice.measurements.size() > 2 && bob.measurements.size() > 2);

        assertThat(ofAlice.snapshot().roundTrip())
                .hasValueSatisfying(rtt -> assertThat(rtt).isPositive());
        assertThat(ofBob.snapshot().roundTrip())
                .hasValueSatisfying(rtt -> assertThat(rtt).isPositive());
    }

    @Test
    void packetsArriveWholeAndInOrderInBothDirectionsWithEitherCipher() throws Exception {
        for (LinkCipher cipher : LinkCipher.values()) {
            TcpSettings settings = TestNode.SETTINGS.withOffer(CipherOffer.only(cipher));
            TestNode alice = node(settings);
            TestNode bob = node(settings);
            alice.keep(bob, bob.listen());
            Transport ofAlice = alice.awaitLink();
            Transport ofBob = bob.awaitLink();

            for (int sequence = 0; sequence < 5_000; sequence++) {
                send(ofAlice, 1, sequence, 4 + sequence % 3_000);
                send(ofBob, 2, sequence, 4 + sequence % 3_000);
                if (sequence % 50 == 49) {
                    int sent = sequence + 1;
                    ofAlice.flush();
                    ofBob.flush();
                    soon().until(() -> bob.sequences(1).size() == sent
                            && alice.sequences(2).size() == sent);
                }
            }

            assertThat(ofAlice.snapshot().cipher()).isEqualTo(cipher.label());
            assertThat(bob.sequences(1)).hasSize(5_000).isSorted();
            assertThat(alice.sequences(2)).hasSize(5_000).isSorted();
            assertThat(ofAlice.snapshot().packetsDropped()).isZero();
            assertThat(ofAlice.snapshot().packetsOut()).isGreaterThanOrEqualTo(5_000);
            assertThat(ofBob.snapshot().packetsIn()).isGreaterThanOrEqualTo(5_000);
        }
    }

    private static void send(Transport transport, int route, int sequence, int payload) {
        byte[] packet = Packets.numbered(route, sequence, payload);
        transport.send(packet, 0, packet.length);
    }

    @Test
    void redialsAfterTheLinkWasClosedByEitherEdge() throws Exception {
        TestNode alice = node();
        TestNode bob = node();
        alice.keep(bob, bob.listen());
        Transport first = alice.awaitLink();

        first.close("for a test");
        first.close("a second time");
        soon().until(() -> bob.events.contains("down: the neighbour closed the link: for a test"));
        soon().until(() -> ups(alice) == 2 && ups(bob) == 2);
        bob.awaitLink().close("the other way");
        soon().until(() -> ups(alice) == 3 && ups(bob) == 3);

        assertThat(alice.awaitLink()).isNotSameAs(first);
        assertThat(alice.events).contains("down: for a test").doesNotContain("down: a second time");
    }

    private static long ups(TestNode node) {
        return node.events.stream().filter("up"::equals).count();
    }

    @Test
    void keepsDiallingUntilSomebodyAnswers() throws Exception {
        TestNode alice = node();
        TestNode bob = node();
        InetSocketAddress free;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = (InetSocketAddress) taken.getLocalSocketAddress();
        }
        alice.keep(bob, free);
        soon().until(() -> alice.failures.size() >= 2);
        assertThat(alice.failures).containsOnly(LinkFailure.UNREACHABLE);
        assertThat(alice.transports.dials().getFirst().lastFailure()).isPresent();

        bob.transports.listen(free);

        alice.awaitLink();
    }

    @Test
    void tellsThatAnAddressIsInUse() throws Exception {
        TestNode alice = node();
        TestNode bob = node();
        InetSocketAddress taken = alice.listen();

        assertThatExceptionOfType(BindException.class)
                .isThrownBy(() -> bob.transports.listen(taken))
                .withMessageStartingWith("address in use: 127.0.0.1:" + taken.getPort());
    }

    @Test
    void aNodeDoesNotLinkToItself() throws Exception {
        TestNode alice = node();
        InetSocketAddress address = alice.listen();

        assertThatIllegalArgumentException().isThrownBy(() -> alice.keep(alice, address));
    }

    @Test
    void theWrongKeyIsReportedAtBothEnds() throws Exception {
        TestNode alice = node();
        TestNode bob = node();
        alice.keep(KeyPair.generate(new SecureRandom()).publicKey(), bob.listen());

        soon().until(() -> alice.failures.contains(LinkFailure.WRONG_KEY));
        soon().until(() -> bob.failures.contains(LinkFailure.HANDSHAKE_REFUSED));

        assertThat(alice.transports.dials().getFirst().lastFailure().orElseThrow())
                .contains("does not hold the key");
        assertThat(alice.transports.live()).isEmpty();
        assertThat(bob.transports.live()).isEmpty();
    }

    @Test
    void dialsThatCrossLeaveTheSameLinkOnBothSides() throws Exception {
        for (int round = 0; round < 8; round++) {
            TestNode alice = node();
            TestNode bob = node();
            InetSocketAddress toAlice = alice.listen();
            InetSocketAddress toBob = bob.listen();
            TestNode lower = alice.keys.publicKey().compareTo(bob.keys.publicKey()) < 0 ? alice : bob;
            TestNode higher = lower == alice ? bob : alice;

            alice.keep(bob, toBob);
            bob.keep(alice, toAlice);

            soon().untilAsserted(() -> {
                assertThat(carries(alice, bob, 1)).isTrue();
                assertThat(carries(bob, alice, 2)).isTrue();
                TransportSnapshot.Opener ofLower = lower.awaitLink().snapshot().opener();
                assertThat(higher.awaitLink().snapshot().opener()).isNotEqualTo(ofLower);
            });
            assertThat(alice.transports.live()).hasSize(1);
            assertThat(bob.transports.live()).hasSize(1);
        }
    }

    private static boolean carries(TestNode from, TestNode to, int route) {
        Transport link = from.awaitLink();
        send(link, route, 0, 100);
        link.flush();
        return !to.sequences(route).isEmpty();
    }

    @Test
    void aNewerLinkBySameDiallerReplacesTheOlder() throws Exception {
        TestNode bob = node();
        InetSocketAddress address = bob.listen();
        KeyPair keys = KeyPair.generate(new SecureRandom());
        TestNode before = new TestNode(TestNode.SETTINGS, keys);
        TestNode after = new TestNode(TestNode.SETTINGS, keys);
        open.add(before);
        before.keep(bob, address);
        before.awaitLink();
        Transport older = bob.awaitLink();

        after.keep(bob, address);
        soon().until(() -> ups(bob) >= 2);
        before.close();
        open.add(after);

        soon().until(() ->
                after.transports.live().size() == 1 && bob.transports.live().size() == 1);
        assertThat(bob.awaitLink()).isNotSameAs(older);
        assertThat(bob.events.indexOf("down: replaced by another link of the pair"))
                .isPositive();
    }

    @Test
    void aSlowReaderLosesPacketsOfItsOwnRouteOnly() throws Exception {
        TestNode alice = node();
        TestNode bob = node();
        alice.keep(bob, bob.listen());
        Transport link = alice.awaitLink();
        bob.awaitLink();
        bob.gate = new CountDownLatch(1);
        AtomicInteger sent = new AtomicInteger();
        soon().pollInterval(Duration.ofMillis(5)).until(() -> {
            for (int packet = 0; packet < 32; packet++) {
                send(link, 1, sent.getAndIncrement(), 16_000);
            }
            link.flush();
            return link.snapshot().bytesQueued() > 200_000 && link.snapshot().packetsDropped() > 0;
        });
        for (int packet = 0; packet < 5; packet++) {
            send(link, 2, packet, 100);
        }
        link.flush();
        bob.gate.countDown();

        soon().until(() -> bob.sequences(2).size() == 5);
        soon().until(() -> bob.sequences(1).size() + link.snapshot().packetsDropped() == sent.get());
        assertThat(bob.sequences(2)).containsExactly(0, 1, 2, 3, 4);
        assertThat(bob.sequences(1)).isSorted();
        assertThat(link.snapshot().packetsDropped()).isPositive();
        soon().untilAsserted(() -> {
            assertThat(link.snapshot().measured().loss()).isPositive();
            assertThat(link.snapshot().measured().throughput()).isPositive();
        });
    }

    @Test
    void aNeighbourThatFallsSilentIsTakenDown() throws Exception {
        TestNode bob = node(TestNode.SETTINGS.withHeartbeat(Duration.ofMillis(50), Duration.ofMillis(500)));
        RogueNeighbour rogue = rogue(bob.listen());
        rogue.settle(bob.keys.publicKey());

        soon().until(() -> bob.failures.contains(LinkFailure.SILENT));

        assertThat(bob.transports.live()).isEmpty();
        assertThat(bob.events).anyMatch(event -> event.startsWith("down: "));
    }

    @Test
    void aFlippedBitEndsTheLinkAndIsReported() throws Exception {
        TestNode bob = node();
        RogueNeighbour rogue = rogue(bob.listen());
        FrameBuilder frames = rogue.settle(bob.keys.publicKey());
        bob.awaitLink();
        byte[] frame = RogueNeighbour.frame(frames, Packets.numbered(3, 0, 500));
        frame[100] ^= 1;
        rogue.sendRaw(frame);

        soon().until(() -> bob.failures.contains(LinkFailure.BAD_FRAME));

        assertThat(bob.sequences(3)).isEmpty();
        assertThat(bob.transports.live()).isEmpty();
    }

    @Test
    void aNeighbourThatNeverSignsIsNotUp() throws Exception {
        TestNode bob = node(TestNode.SETTINGS.withHandshakes(Duration.ofSeconds(3), 8, 8));
        RogueNeighbour silent = rogue(bob.listen());
        silent.shake(bob.keys.publicKey());

        soon().until(() -> bob.failures.contains(LinkFailure.HANDSHAKE_TIMEOUT));

        assertThat(ups(bob)).isZero();
    }

    @Test
    void aPacketBeforeTheSignatureIsUnsettled() throws Exception {
        TestNode bob = node();
        RogueNeighbour rogue = rogue(bob.listen());
        FrameBuilder frames = rogue.shake(bob.keys.publicKey());
        rogue.sendRaw(RogueNeighbour.frame(frames, Packets.numbered(3, 0, 500)));

        soon().until(() -> bob.failures.contains(LinkFailure.UNSETTLED));

        assertThat(ups(bob)).isZero();
        assertThat(bob.sequences(3)).isEmpty();
    }

    @Test
    void aReplayedHandshakeIsRefused() throws Exception {
        TestNode bob = node();
        InetSocketAddress address = bob.listen();
        RogueNeighbour genuine = rogue(address);
        LinkHandshake handshake = genuine.handshake(bob.keys.publicKey());
        byte[] one = handshake.start();
        genuine.sendMessage(one);
        byte[] three = ((LinkHandshake.Step.Done)
                        handshake.receive(genuine.readMessage().orElseThrow()))
                .lastMessage()
                .orElseThrow();
        RogueNeighbour replay = rogue(address);

        replay.sendMessage(one);
        assertThat(replay.readMessage()).isPresent();
        replay.sendMessage(three);

        soon().until(() -> bob.failures.contains(LinkFailure.HANDSHAKE_REFUSED));
        assertThat(replay.readMessage()).isEmpty();
        assertThat(ups(bob)).isZero();
    }

    @Test
    void aHandshakeMessageOverTheLimitIsRefusedAtOnce() throws Exception {
        TestNode bob = node();
        RogueNeighbour rogue = rogue(bob.listen());
        rogue.sendRaw(new byte[] {(byte) 0xff, (byte) 0xff});

        assertThat(rogue.readMessage()).isEmpty();
        soon().until(() -> bob.failures.contains(LinkFailure.HANDSHAKE_REFUSED));
    }

    @Test
    void aConnectionThatSaysNothingIsEndedAndMakesRoom() throws Exception {
        TestNode bob = node(TestNode.SETTINGS.withHandshakes(Duration.ofSeconds(3), 2, 2));
        InetSocketAddress address = bob.listen();
        rogue(address);
        rogue(address);
        RogueNeighbour third = rogue(address);

        assertThat(third.readMessage()).hasValue(LinkHandshake.busy());
        assertThat(bob.failures).contains(LinkFailure.TOO_MANY_HANDSHAKES);
        soon().until(() -> bob.failures.stream()
                        .filter(LinkFailure.HANDSHAKE_TIMEOUT::equals)
                        .count()
                == 2);
        rogue(address).settle(bob.keys.publicKey());
        bob.awaitLink();
    }

    @Test
    void oneHostCannotTakeEveryHandshake() throws Exception {
        TestNode bob = node(TestNode.SETTINGS.withHandshakes(Duration.ofSeconds(30), 8, 2));
        InetSocketAddress address = bob.listen();
        rogue(address);
        RogueNeighbour second = rogue(address);
        RogueNeighbour third = rogue(address);

        assertThat(third.readMessage()).hasValue(LinkHandshake.busy());
        assertThat(bob.failures).containsExactly(LinkFailure.TOO_MANY_FROM_ADDRESS);

        second.close();
        soon().until(() -> bob.failures.size() == 2);
        rogue(address).settle(bob.keys.publicKey());
        bob.awaitLink();
    }

    @Test
    void closingTellsTheNeighboursAndLetsNoLinkUp() throws Exception {
        TestNode alice = node();
        TestNode bob = node();
        InetSocketAddress address = bob.listen();
        alice.keep(bob, address);
        alice.awaitLink();
        bob.awaitLink();

        bob.transports.close(Duration.ofSeconds(5));

        soon().until(() -> alice.events.contains("down: the neighbour closed the link: the node is ending"));
        soon().until(() -> alice.failures.contains(LinkFailure.UNREACHABLE));
        assertThat(bob.transports.live()).isEmpty();
    }
}
