package io.skywire.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.skywire.node.loops.EventLoops;
import io.skywire.node.messaging.TestNetwork;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.LinkHandshake;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Links whose letters go through a server that does its worst.
@Timeout(240)
class MessagingTransportsTest {
    private static final long SEED = 0x5eed;
    private static final MessagingLinkSettings SETTINGS = MessagingEnd.SETTINGS;

    private final EventLoopGroup loops = EventLoops.open("test-post", 1);
    private final EventLoop loop = loops.next();
    private final UnreliablePost post = new UnreliablePost(loop, SEED);
    private final List<Node> nodes = new ArrayList<>();

    private final class Node {
        private final KeyPair keys = KeyPair.generate(new SecureRandom());
        private final Heard heard = new Heard();
        private final MessagingTransports transports;

        private Node(MessagingLinkSettings settings) {
            transports = new MessagingTransports(
                    keys,
                    settings,
                    post.box(keys.publicKey()),
                    loop,
                    heard,
                    heard,
                    InstantSource.system(),
                    new SecureRandom());
            nodes.add(this);
        }

        private PublicKey key() {
            return keys.publicKey();
        }

        private Transport awaitLink() {
            await().atMost(Heard.PATIENCE)
                    .untilAsserted(() -> assertThat(transports.live())
                            .as("seed %d %s %s", SEED, heard.events, transports.dropped())
                            .hasSize(1));
            return transports.live().getFirst();
        }

        private long dropped(LetterDrop reason) {
            return transports.dropped().getOrDefault(reason, 0L);
        }
    }

    private Node node() {
        return new Node(SETTINGS);
    }

    private static ConditionFactory soon() {
        return await().pollInterval(Duration.ofMillis(5)).atMost(Heard.PATIENCE);
    }

    @AfterEach
    void stop() {
        nodes.forEach(node -> node.transports.close(Duration.ofSeconds(5)));
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
    }

    private static void send(Transport link, int route, int sequence) {
        byte[] packet = Packets.numbered(route, sequence, 200);
        link.send(packet, 0, packet.length);
        link.flush();
    }

    @Test
    void settlesAndDeliversNothingTwiceThroughAServerThatLosesDoublesShufflesAndChanges() {
        post.loss = 0.2;
        post.doubling = 0.2;
        post.change = 0.05;
        post.mostDelay = Duration.ofMillis(20);
        Node alice = node();
        Node bob = node();
        alice.transports.keep(bob.key());
        Transport link = alice.awaitLink();
        bob.awaitLink();

        for (int sequence = 0; sequence < 2_000; sequence++) {
            int next = sequence;
            loop.execute(() -> send(link, 1, next)); // on the loop each gets a letter of its own
        }

        soon().untilAsserted(() -> assertThat(bob.heard.sequences(1)).hasSizeGreaterThan(1_200));
        soon().untilAsserted(() -> {
            assertThat(bob.dropped(LetterDrop.REPLAYED)).isPositive();
            assertThat(bob.dropped(LetterDrop.FORGED)).isPositive();
        });
        assertThat(bob.heard.sequences(1))
                .doesNotHaveDuplicates()
                .allSatisfy(sequence -> assertThat(sequence).isBetween(0, 1_999))
                .isNotEqualTo(bob.heard.sequences(1).stream().sorted().toList());
        assertThat(alice.transports.live()).containsExactly(link);
    }

    @Test
    void takesNothingThatWasCapturedBefore() {
        Node alice = node();
        Node bob = node();
        alice.transports.keep(bob.key());
        Transport link = alice.awaitLink();
        bob.awaitLink();
        for (int sequence = 0; sequence < 50; sequence++) {
            int next = sequence;
            loop.execute(() -> send(link, 1, next)); // on the loop each gets a letter of its own
        }
        soon().until(() -> bob.heard.sequences(1).size() == 50);
        List<UnreliablePost.Sent> captured = new ArrayList<>(post.sent);

        captured.forEach(letter -> post.deliver(letter.from(), letter.to(), letter.letter()));
        send(link, 1, 50);

        soon().until(() -> bob.heard.sequences(1).size() == 51);
        assertThat(new HashSet<>(bob.heard.sequences(1))).hasSize(51);
        assertThat(bob.dropped(LetterDrop.REPLAYED)).isGreaterThanOrEqualTo(50);
        assertThat(bob.heard.ups()).isEqualTo(1);
        assertThat(alice.heard.ups()).isEqualTo(1);
    }

    @Test
    void makesNoLinkOfAHandshakeThatWasCapturedBefore() {
        Node alice = node();
        Node bob = node();
        alice.transports.keep(bob.key());
        alice.awaitLink();
        bob.awaitLink();
        List<UnreliablePost.Sent> captured = new ArrayList<>(post.sent);
        alice.transports.release(bob.key());
        alice.awaitLink().close("for a test");
        soon().until(() -> bob.transports.live().isEmpty());

        captured.stream()
                .filter(letter -> letter.to().equals(bob.key()))
                .forEach(letter -> post.deliver(letter.from(), letter.to(), letter.letter()));

        soon().until(() -> bob.dropped(LetterDrop.HANDSHAKE) > 0);
        assertThat(bob.heard.ups()).isEqualTo(1);
        assertThat(bob.transports.live()).isEmpty();
    }

    @Test
    void goesOnWhateverAServerMakesUp() {
        Node alice = node();
        Node bob = node();
        alice.transports.keep(bob.key());
        Transport link = alice.awaitLink();
        Transport ofBob = bob.awaitLink();
        byte[] frame = post.sent.stream()
                .filter(letter -> letter.to().equals(bob.key()) && letter.letter()[0] == 4)
                .findFirst()
                .orElseThrow()
                .letter();
        long linkId = Envelope.linkId(frame, 0);
        Random random = new Random(SEED);

        for (int i = 0; i < 500; i++) {
            byte[] madeUp = new byte[random.nextInt(200)];
            random.nextBytes(madeUp);
            post.deliver(alice.key(), bob.key(), madeUp);
            byte[] forged = new byte[100];
            random.nextBytes(forged);
            Envelope.putFrameHead(forged, linkId, random.nextLong() >>> (1 + random.nextInt(60)));
            post.deliver(alice.key(), bob.key(), forged);
            post.deliver(alice.key(), bob.key(), Envelope.of(Envelope.Kind.NO_SUCH_LINK, linkId, new byte[0]));
            post.deliver(bob.key(), alice.key(), Envelope.of(Envelope.Kind.ACT_TWO, random.nextLong(), new byte[53]));
        }
        send(link, 1, 7);

        soon().until(() -> bob.heard.sequences(1).equals(List.of(7)));
        soon().until(() -> bob.dropped(LetterDrop.FORGED) > 100);
        assertThat(bob.dropped(LetterDrop.MALFORMED)).isPositive();
        assertThat(bob.transports.live()).containsExactly(ofBob);
        assertThat(alice.transports.live()).containsExactly(link);
    }

    @Test
    void showsAServerNothingOfThePackets() {
        Node alice = node();
        Node bob = node();
        alice.transports.keep(bob.key());
        Transport link = alice.awaitLink();
        bob.awaitLink();
        byte[] packet = Packets.numbered(1, 1, 400);
        byte[] words = "nobody else reads this, nobody else reads this".getBytes(StandardCharsets.UTF_8);
        System.arraycopy(words, 0, packet, 50, words.length);

        link.send(packet, 0, packet.length);
        link.flush();
        soon().until(() -> !bob.heard.sequences(1).isEmpty());

        String marker = new String(words, StandardCharsets.ISO_8859_1);
        assertThat(post.sent)
                .noneSatisfy(letter -> assertThat(new String(letter.letter(), StandardCharsets.ISO_8859_1))
                        .contains(marker));
    }

    @Test
    void carriesOnlyWhatItsServerCarries() {
        post.maxPayload = 1_500;
        Node alice = node();
        Node bob = node();
        alice.transports.keep(bob.key());
        Transport link = alice.awaitLink();
        bob.awaitLink();

        assertThat(link.maxPayload()).isEqualTo(1_460);
        for (int sequence = 0; sequence < 20; sequence++) {
            byte[] packet = Packets.numbered(1, sequence, 1_460);
            link.send(packet, 0, packet.length);
        }
        link.flush();

        soon().until(() -> bob.heard.sequences(1).size() == 20);
        assertThat(post.sent).allSatisfy(letter -> assertThat(letter.letter()).hasSizeLessThanOrEqualTo(1_500));
    }

    @Test
    void saysThatAServerCarriesTooLittle() {
        post.maxPayload = 1_200;
        Node alice = node();
        Node bob = node();
        alice.transports.keep(bob.key());

        soon().until(() -> alice.heard.failures.contains(LinkFailure.UNREACHABLE));

        assertThat(alice.transports.dials().getFirst().lastFailure().orElseThrow())
                .contains("carries packets of 1160 bytes");
    }

    @Test
    void boundsTheHandshakesThatStrangersBegin() {
        Node bob = new Node(SETTINGS.withHandshakes(Duration.ofSeconds(20), 8, 4));
        KeyPair stranger = KeyPair.generate(new SecureRandom());
        post.box(stranger.publicKey());

        for (int i = 0; i < 100; i++) {
            byte[] actOne = LinkHandshake.dialling(
                            LinkHandshake.Purpose.MESSAGING_LINK,
                            stranger,
                            bob.key(),
                            TestNetwork.OFFER,
                            16_384,
                            () -> KeyPair.generate(new SecureRandom()))
                    .start();
            post.deliver(stranger.publicKey(), bob.key(), Envelope.of(Envelope.Kind.ACT_ONE, i, actOne));
        }

        soon().until(() -> bob.dropped(LetterDrop.TOO_MANY_HANDSHAKES) == 96);
        assertThat(post.sent).hasSize(4);
    }

    @Test
    void noticesSoonThatTheNeighbourKnowsTheLinkNoMore() {
        Node alice = node();
        Node bob = node();
        alice.transports.keep(bob.key());
        alice.awaitLink();
        bob.awaitLink();
        post.loss = 1; // bob cannot say that it ends
        bob.awaitLink().close("in silence");
        soon().until(() -> bob.transports.live().isEmpty());
        post.loss = 0;

        soon().until(() -> alice.heard.failures.contains(LinkFailure.SILENT));

        soon().until(() -> bob.heard.ups() == 2 && alice.heard.ups() == 2);
    }

    @Test
    void takesASilentNeighbourDown() {
        Node alice = new Node(SETTINGS.withHeartbeat(Duration.ofMillis(50), Duration.ofMillis(500)));
        Node bob = node();
        alice.transports.keep(bob.key());
        alice.awaitLink();
        bob.awaitLink();

        post.loss = 1;

        soon().until(() -> alice.heard.failures.contains(LinkFailure.SILENT));
        assertThat(alice.heard.events).anyMatch(event -> event.startsWith("down: "));
    }
}
