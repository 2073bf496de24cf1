package io.skywire.node.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.skywire.node.letters.LetterKind;
import io.skywire.node.letters.LetterLayout;
import io.skywire.node.letters.QueueLimits;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.noise.LinkHandshake;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A server among strangers and clients that do not keep the rules: each is answered by an end that is counted, and
/// nobody else notices.
@Timeout(120)
class RelayAttacksTest {
    /// After an attack: two clients can still talk, and nothing is held for anybody.
    private static void worksAndHoldsNothing(TestServer server) throws Exception {
        try (TestClient alice = server.client();
                TestClient bob = server.client()) {
            alice.send(bob.key(), "still there?");
            assertThat(bob.receive().text()).isEqualTo("still there?");
        }
        await().atMost(TestClient.PATIENCE).untilAsserted(() -> {
            assertThat(server.relay.sessions()).isZero();
            assertThat(server.relay.waitingBytes()).isZero();
            assertThat(server.relay.pendingHandshakes()).isZero();
        });
    }

    @Test
    void boundsTheHandshakesOfOneNetworkBeforeAnyKeyIsProved() throws Exception {
        RelaySettings settings = TestServer.SETTINGS.withPending(64, 4, Duration.ofSeconds(60));
        try (TestServer server = new TestServer(settings, 1)) {
            List<Socket> flood = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                flood.add(new Socket(server.address.getAddress(), server.address.getPort()));
            }
            await().untilAsserted(() -> assertThat(server.relay.counters().refused(Refusal.TOO_MANY_HANDSHAKES))
                    .isEqualTo(46));
            assertThat(server.relay.pendingHandshakes()).isEqualTo(4);

            for (Socket socket : flood) {
                socket.close();
            }
            await().untilAsserted(
                            () -> assertThat(server.relay.pendingHandshakes()).isZero());
            worksAndHoldsNothing(server);
        }
    }

    @Test
    void endsStrangersWhoNeverSayAnything() throws Exception {
        RelaySettings settings = TestServer.SETTINGS.withPending(64, 64, Duration.ofMillis(300));
        try (TestServer server = new TestServer(settings, 1);
                TestClient stranger = new TestClient(server.address)) {
            assertThat(stranger.isEnded()).isTrue();
            await().untilAsserted(() -> assertThat(server.relay.counters().refused(Refusal.HANDSHAKE_TIMEOUT))
                    .isEqualTo(1));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void refusesBytesThatAreNoHandshake(long seed) throws Exception {
        Random random = new Random(seed);
        byte[] noise = new byte[1 + random.nextInt(3_000)];
        random.nextBytes(noise);
        noise[0] = 0; // or most would be over the limit of a message
        try (TestServer server = new TestServer(TestServer.SETTINGS, 1)) {
            try (TestClient stranger = new TestClient(server.address)) {
                stranger.sendRaw(noise);
                stranger.finishSending();
                assertThat(stranger.isEnded()).isTrue();
            }
            await().untilAsserted(() -> assertThat(server.relay.counters().refused(Refusal.HANDSHAKE_FAILED))
                    .isEqualTo(1));
            worksAndHoldsNothing(server);
        }
    }

    @Test
    void letsNobodyClaimAKeyThatHeCannotProve() throws Exception {
        try (TestServer server = new TestServer();
                TestClient victim = server.client();
                TestClient thief = new TestClient(server.address)) {
            // Everything right but the secret: act three carries the victim's key and no proof of it.
            LinkHandshake handshake = thief.handshake(server.key(), LetterLayout.MAX_PAYLOAD);
            thief.sendMessage(handshake.start());
            LinkHandshake.Step.Done done = (LinkHandshake.Step.Done)
                    handshake.receive(thief.readMessage().orElseThrow());
            byte[] actThree = done.lastMessage().orElseThrow();
            System.arraycopy(victim.key().bytes(), 0, actThree, 1, 33);
            thief.sendMessage(actThree);

            assertThat(thief.isEnded()).isTrue();
            assertThat(server.relay.counters().refused(Refusal.HANDSHAKE_FAILED))
                    .isEqualTo(1);
            assertThat(server.relay.sessions()).isEqualTo(1);
        }
    }

    @Test
    void aCapturedHandshakeOpensNoSession() throws Exception {
        try (TestServer server = new TestServer()) {
            KeyPair keys = KeyPair.generate(new SecureRandom());
            byte[] actOne;
            byte[] actThree;
            try (TestClient genuine = new TestClient(server.address, keys)) {
                LinkHandshake handshake = genuine.handshake(server.key(), LetterLayout.MAX_PAYLOAD);
                actOne = handshake.start();
                genuine.sendMessage(actOne);
                LinkHandshake.Step.Done done = (LinkHandshake.Step.Done)
                        handshake.receive(genuine.readMessage().orElseThrow());
                actThree = done.lastMessage().orElseThrow();
                genuine.sendMessage(actThree);
                await().untilAsserted(() -> assertThat(server.relay.sessions()).isEqualTo(1));
            }
            try (TestClient replaying = new TestClient(server.address)) {
                replaying.sendMessage(actOne);
                assertThat(replaying.readMessage()).isPresent();
                replaying.sendMessage(actThree);

                assertThat(replaying.isEnded()).isTrue();
            }
            assertThat(server.relay.counters().refused(Refusal.HANDSHAKE_FAILED))
                    .isEqualTo(1);
            assertThat(server.relay.counters().opened()).isEqualTo(1);
        }
    }

    @Test
    void aCapturedFrameCountsOnce() throws Exception {
        try (TestServer server = new TestServer();
                TestClient alice = server.client();
                TestClient bob = server.client()) {
            byte[] frame = alice.frame(LetterLayout.letter(bob.key(), new byte[] {42}));
            alice.sendRaw(frame);
            alice.sendRaw(frame);

            assertThat(alice.isEnded()).isTrue();
            assertThat(bob.receive().payload()).containsExactly(42);
            await().untilAsserted(() -> assertThat(server.relay.counters().ended(EndReason.BAD_FRAME))
                    .isEqualTo(1));
            assertThat(server.relay.counters().letters()).isEqualTo(1);
        }
    }

    /// Frames that authenticate and are wrong all the same.
    enum Wrong {
        EMPTY_HEAD(new byte[] {1}),
        LETTER_WITHOUT_ITS_END(shortLetter()),
        LETTER_OVER_THE_LIMIT(oversize()),
        OWN_LETTER_OVER_THE_LIMIT(new byte[] {18, 127, 0}),
        LONG_PING(LetterLayout.own(LetterKind.PING, new byte[65])),
        UNKNOWN_KIND(new byte[] {99, 0, 0}),
        NEGATIVE_KIND(new byte[] {-1, 0, 0}),
        RETURNED_BY_A_CLIENT(returned()),
        WELCOME_BY_A_CLIENT(LetterLayout.own(LetterKind.WELCOME, new byte[0])),
        MOVE_BY_A_CLIENT(LetterLayout.own(LetterKind.MOVE, new byte[0])),
        RUBBISH_BEHIND_A_PING(behindAPing());

        private final byte[] plain;

        Wrong(byte[] plain) {
            this.plain = plain;
        }

        private static byte[] shortLetter() {
            byte[] letter = new byte[LetterLayout.HEAD + 5];
            letter[0] = 1;
            letter[LetterLayout.HEAD - 1] = 6;
            return letter;
        }

        private static byte[] oversize() {
            byte[] letter = new byte[LetterLayout.HEAD + LetterLayout.MAX_PAYLOAD + 1];
            letter[0] = 1;
            ByteBuffer.wrap(letter).putShort(LetterLayout.HEAD - 2, (short) (LetterLayout.MAX_PAYLOAD + 1));
            return letter;
        }

        private static byte[] returned() {
            byte[] letter = new byte[LetterLayout.HEAD + 1];
            letter[0] = 2;
            letter[LetterLayout.HEAD - 1] = 1;
            return letter;
        }

        private static byte[] behindAPing() {
            byte[] ping = LetterLayout.own(LetterKind.PING, new byte[8]);
            return java.util.Arrays.copyOf(ping, ping.length + 2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void endsTheSessionOfAWrongFrame(Wrong wrong) throws Exception {
        try (TestServer server = new TestServer(TestServer.SETTINGS, 1)) {
            try (TestClient attacker = server.client()) {
                attacker.sendFrame(wrong.plain);
                assertThat(attacker.isEnded()).isTrue();
            }
            await().untilAsserted(() -> assertThat(server.relay.counters().ended(EndReason.BAD_FRAME))
                    .isEqualTo(1));
            worksAndHoldsNothing(server);
        }
    }

    @Test
    void endsTheSessionOfAFrameThatIsTooShortOrForged() throws Exception {
        try (TestServer server = new TestServer(TestServer.SETTINGS, 1)) {
            try (TestClient shorter = server.client();
                    TestClient forging = server.client()) {
                shorter.sendMessage(new byte[18]);
                byte[] frame = forging.frame(LetterLayout.own(LetterKind.PING, new byte[8]));
                frame[frame.length - 1] ^= 1;
                forging.sendRaw(frame);

                assertThat(shorter.isEnded()).isTrue();
                assertThat(forging.isEnded()).isTrue();
            }
            await().untilAsserted(() -> assertThat(server.relay.counters().ended(EndReason.BAD_FRAME))
                    .isEqualTo(2));
            worksAndHoldsNothing(server);
        }
    }

    @Test
    void keepsNoMoreOfAFrameThanHasComeAndNotForEver() throws Exception {
        RelaySettings impatient =
                TestServer.SETTINGS.withTicks(Duration.ofMillis(50), 10_000, 10_000, Duration.ofSeconds(1));
        try (TestServer server = new TestServer(impatient, 1)) {
            try (TestClient dribbling = server.client()) {
                dribbling.sendRaw(new byte[] {-1, -1, 0, 0, 0}); // five bytes of 65 537
                await().untilAsserted(
                                () -> assertThat(server.relay.waitingBytes()).isBetween(1L, 8L * 1_024));

                assertThat(dribbling.isEnded()).isTrue();
            }
            await().untilAsserted(() ->
                    assertThat(server.relay.counters().ended(EndReason.NO_ROOM)).isEqualTo(1));
            worksAndHoldsNothing(server);
        }
    }

    @Test
    void endsASessionRatherThanHoldMoreHalfFramesThanItHasMemoryFor() throws Exception {
        RelaySettings tight =
                TestServer.SETTINGS.withMemory(new QueueLimits(64 * 1024, 32 * 1024), 256 * 1024, 1 << 20);
        try (TestServer server = new TestServer(tight, 1)) {
            List<TestClient> dribbling = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                TestClient client = server.client();
                client.sendRaw(new byte[] {-1, -1});
                client.sendRaw(new byte[60_000]);
                dribbling.add(client);
            }
            await().atMost(TestClient.PATIENCE)
                    .untilAsserted(() -> assertThat(server.relay.counters().ended(EndReason.NO_ROOM))
                            .isGreaterThanOrEqualTo(5));
            assertThat(server.relay.waitingBytes()).isLessThanOrEqualTo(256 * 1024);
            for (TestClient client : dribbling) {
                client.close();
            }
            worksAndHoldsNothing(server);
        }
    }

    @Test
    void endsAClientWhoseSocketTakesNothingForTooLong() throws Exception {
        RelaySettings impatient =
                TestServer.SETTINGS.withTicks(Duration.ofMillis(100), 10_000, 20, Duration.ofSeconds(1));
        try (TestServer server = new TestServer(impatient, 1)) {
            try (TestClient alice = server.client();
                    TestClient slow = server.narrowClient()) {
                byte[] large = new byte[16_000];
                await().atMost(TestClient.PATIENCE).until(() -> {
                    for (int i = 0; i < 100; i++) {
                        alice.send(slow.key(), large);
                    }
                    return server.relay.counters().ended(EndReason.STUCK) == 1;
                });
            }
            worksAndHoldsNothing(server);
        }
    }

    @Test
    void answersAFloodOfPingsWithNoMoreThanItGot() throws Exception {
        try (TestServer server = new TestServer(TestServer.SETTINGS, 1)) {
            try (TestClient flooding = server.client()) {
                byte[] ping = LetterLayout.own(LetterKind.PING, new byte[0]);
                ByteBuffer frame = ByteBuffer.allocate(60_000);
                while (frame.remaining() >= ping.length) {
                    frame.put(ping);
                }
                for (int i = 0; i < 200; i++) {
                    flooding.sendFrame(frame.array()); // and reads no answer
                }
                await().untilAsserted(
                                () -> assertThat(server.relay.waitingBytes()).isLessThan(16 * 1024));
            }
            worksAndHoldsNothing(server);
        }
    }
}
