package io.skywire.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.skywire.node.wire.FrameBuilder;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.noise.CipherOffer;
import io.skywire.shared.noise.LinkCipher;
import io.skywire.shared.noise.LinkHandshake;
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

    private static long ups(TestNode node) {
        return node.heard.ups();
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

    private static boolean carries(TestNode from, TestNode to, int route) {
        Transport link = from.awaitLink();
        send(link, route, 0, 100);
        link.flush();
        return !to.sequences(route).isEmpty();
    }

    @Test
    void aSlowReaderLosesPacketsOfItsOwnRouteOnly() throws Exception {
        TestNode alice = node();
        TestNode bob = node();
        alice.keep(bob, bob.listen());
        Transport link = alice.awaitLink();
        bob.awaitLink();
        bob.heard.gate = new CountDownLatch(1);
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
        bob.heard.gate.countDown();

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
}
