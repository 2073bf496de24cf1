package io.skywire.node.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.skywire.node.letters.LetterKind;
import io.skywire.node.letters.LetterLayout;
import io.skywire.node.letters.QueueLimits;
import io.skywire.node.letters.ReturnReason;
import io.skywire.proto.v1.MessagingMove;
import io.skywire.proto.v1.MessagingRefusal;
import io.skywire.proto.v1.MessagingRival;
import io.skywire.proto.v1.MessagingWelcome;
import io.skywire.shared.key.KeyPair;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A server that works, and clients that keep the rules.
@Timeout(120)
class RelayTest {
    @Test
    void handsALetterOnAndSaysFromWhom() throws Exception {
        try (TestServer server = new TestServer();
                TestClient alice = server.client();
                TestClient bob = server.client()) {
            alice.send(bob.key(), "hello");

            TestClient.Received letter = bob.receive();
            assertThat(letter.kind()).isEqualTo(LetterKind.LETTER);
            assertThat(letter.key()).contains(alice.key());
            assertThat(letter.text()).isEqualTo("hello");
            await().untilAsserted(
                            () -> assertThat(server.relay.counters().letters()).isEqualTo(1));
            assertThat(server.relay.counters().bytes()).isEqualTo(LetterLayout.HEAD + 5);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void handsOnManyLettersOfAllSizesInOrder(int loops) throws Exception {
        int count = 400;
        // Room for all of it: what is shown is order, not what a full queue drops.
        RelaySettings roomy = TestServer.SETTINGS.withMemory(new QueueLimits(4 << 20, 4 << 20), 64 << 20, 64 << 20);
        try (TestServer server = new TestServer(roomy, loops);
                TestClient alice = server.client();
                TestClient bob = server.client();
                TestClient carol = server.client();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<byte[]> sent = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                byte[] payload = new byte[i % 7 == 0 ? LetterLayout.MAX_PAYLOAD : i];
                java.util.Arrays.fill(payload, (byte) i);
                sent.add(payload);
            }
            CompletableFuture<Void> writing = CompletableFuture.runAsync(
                    () -> {
                        try {
                            ByteArrayOutputStream frame = new ByteArrayOutputStream();
                            for (int i = 0; i < count; i++) {
                                frame.write(LetterLayout.letter(bob.key(), sent.get(i)));
                                if (i % 3 == 2 || i % 7 == 6 || i == count - 1) {
                                    frame.write(LetterLayout.letter(carol.key(), new byte[] {(byte) i}));
                                    alice.sendFrame(frame.toByteArray());
                                    frame.reset();
                                }
                            }
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    threads);

            for (int i = 0; i < count; i++) {
                byte[] payload = bob.receive().payload();
                assertThat(payload).as("letter %s", i).hasSameSizeAs(sent.get(i));
                assertThat(java.util.Arrays.equals(payload, sent.get(i)))
                        .as("letter %s is whole", i)
                        .isTrue();
            }
            writing.join();
            assertThat(carol.receive().key()).contains(alice.key());
        }
    }

    @Test
    void sealsAWholeFrameForOneAddresseeWithoutTakingItApart() throws Exception {
        try (TestServer server = new TestServer(TestServer.SETTINGS, 1);
                TestClient alice = server.client();
                TestClient bob = server.client()) {
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            for (int i = 0; i < 3; i++) {
                byte[] payload = new byte[16_000];
                payload[0] = (byte) i;
                frame.write(LetterLayout.letter(bob.key(), payload));
            }
            for (int round = 0; round < 50; round++) {
                alice.sendFrame(frame.toByteArray());
                for (int i = 0; i < 3; i++) {
                    TestClient.Received letter = bob.receive();
                    assertThat(letter.key()).contains(alice.key());
                    assertThat(letter.payload()).hasSize(16_000).startsWith(i);
                }
            }
        }
    }

    @Test
    void saysWhatTheSessionMayDo() throws Exception {
        try (TestServer server = new TestServer();
                TestClient alice = new TestClient(server.address)) {
            alice.shake(server.key(), 2_000);

            MessagingWelcome welcome = alice.awaitWelcome();

            assertThat(welcome.getMaxPayload()).isEqualTo(2_000);
            assertThat(welcome.getCapacity()).isEqualTo(10_000);
            assertThat(welcome.getSessions()).isEqualTo(1);
            assertThat(welcome.getObservedAddress()).startsWith("127.0.0.1:");
        }
    }

    @Test
    void answersPings() throws Exception {
        try (TestServer server = new TestServer();
                TestClient alice = server.client()) {
            alice.sendFrame(LetterLayout.own(LetterKind.PING, new byte[] {1, 2, 3}));

            assertThat(alice.receive(LetterKind.PONG).payload()).containsExactly(1, 2, 3);
        }
    }

    @Test
    void returnsALetterToNobody() throws Exception {
        try (TestServer server = new TestServer();
                TestClient alice = server.client()) {
            var nobody = KeyPair.generate(new SecureRandom()).publicKey();
            for (int i = 0; i < 10; i++) {
                alice.send(nobody, "are you there?");
            }

            TestClient.Received returned = alice.receive();
            assertThat(returned.kind()).isEqualTo(LetterKind.RETURNED);
            assertThat(returned.key()).contains(nobody);
            assertThat(ReturnReason.ofNumber(returned.payload()[0])).contains(ReturnReason.NO_SUCH_PEER);
            await().untilAsserted(() -> assertThat(server.relay.counters().dropped(DropReason.NO_SUCH_PEER))
                    .isEqualTo(10));
        }
    }

    @Test
    void returnsALetterThatTheAddresseeDoesNotTake() throws Exception {
        try (TestServer server = new TestServer();
                TestClient alice = server.client();
                TestClient bob = new TestClient(server.address)) {
            bob.shake(server.key(), 1_200);
            bob.awaitWelcome();
            alice.send(bob.key(), new byte[1_201]);
            alice.send(bob.key(), new byte[1_200]);

            assertThat(alice.receive(LetterKind.RETURNED).payload()).containsExactly(ReturnReason.TOO_LARGE.number());
            assertThat(bob.receive().payload()).hasSize(1_200);
        }
    }

    @Test
    void returnsWhatIsOverTheSendersRate() throws Exception {
        RelaySettings settings = TestServer.SETTINGS.withRate(new RelaySettings.Rate(5, 1 << 20));
        try (TestServer server = new TestServer(settings, 1);
                TestClient alice = server.client();
                TestClient bob = server.client()) {
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            for (int i = 0; i < 50; i++) {
                frame.write(LetterLayout.letter(bob.key(), new byte[] {(byte) i}));
            }
            alice.sendFrame(frame.toByteArray());

            assertThat(alice.receive(LetterKind.RETURNED).payload())
                    .containsExactly(ReturnReason.RATE_LIMITED.number());
            assertThat(bob.receive().payload()).containsExactly(0);
            assertThat(server.relay.counters().dropped(DropReason.RATE_LIMITED)).isBetween(40L, 45L);
        }
    }

    @Test
    void refusesMoreSessionsThanItMayHold() throws Exception {
        try (TestServer server = new TestServer(TestServer.SETTINGS.withSessions(2, 2, 1_000), 1);
                TestClient alice = server.client();
                TestClient bob = server.client();
                TestClient carol = new TestClient(server.address)) {
            assertThat(server.relay.availableSessions()).isZero();
            carol.shake(server.key());

            assertThat(carol.awaitRefusal()).isEqualTo(MessagingRefusal.MESSAGING_REFUSAL_FULL);
            assertThat(carol.isEnded()).isTrue();

            bob.close();
            await().untilAsserted(
                            () -> assertThat(server.relay.availableSessions()).isEqualTo(1));
            try (TestClient dave = server.client()) {
                alice.send(dave.key(), "welcome");
                assertThat(dave.receive().text()).isEqualTo("welcome");
            }
        }
    }

    @Test
    void refusesMoreSessionsOfOneNetworkThanItMayHold() throws Exception {
        try (TestServer server = new TestServer(TestServer.SETTINGS.withSessions(10, 1, 1_000), 1);
                TestClient alice = server.client();
                TestClient bob = new TestClient(server.address)) {
            bob.shake(server.key());

            assertThat(bob.awaitRefusal()).isEqualTo(MessagingRefusal.MESSAGING_REFUSAL_RATE_LIMITED);
            assertThat(alice.key()).isNotEqualTo(bob.key());
        }
    }

    @Test
    void refusesAKeyThatComesAndGoesTooOften() throws Exception {
        try (TestServer server = new TestServer(TestServer.SETTINGS.withSessions(10, 10, 3), 1)) {
            KeyPair keys = KeyPair.generate(new SecureRandom());
            for (int i = 0; i < 3; i++) {
                TestClient.welcome(server.address, server.key(), keys).close();
                await().untilAsserted(() -> assertThat(server.relay.sessions()).isZero());
            }
            try (TestClient again = new TestClient(server.address, keys)) {
                again.shake(server.key());
                assertThat(again.awaitRefusal()).isEqualTo(MessagingRefusal.MESSAGING_REFUSAL_RATE_LIMITED);
            }
        }
    }

    @Test
    void keepsALivingSessionAndTellsBothOfTheRival() throws Exception {
        try (TestServer server = new TestServer();
                TestClient first = server.client();
                TestClient bob = server.client();
                TestClient second = new TestClient(server.address, first.keys)) {
            second.shake(server.key());
            TestClient.Received ping = first.receive(LetterKind.PING);
            first.sendFrame(LetterLayout.own(LetterKind.PONG, ping.payload()));

            assertThat(second.awaitRefusal()).isEqualTo(MessagingRefusal.MESSAGING_REFUSAL_KEY_IN_USE);
            MessagingRival rival =
                    MessagingRival.parseFrom(first.receive(LetterKind.RIVAL).payload());
            assertThat(rival.getAddress()).startsWith("127.0.0.1:");
            bob.send(first.key(), "still you?");
            assertThat(first.receive().text()).isEqualTo("still you?");
        }
    }

    @Test
    void letsASecondSessionTakeOverFromADeadOne() throws Exception {
        try (TestServer server = new TestServer();
                TestClient dead = server.client(); // answers no PING
                TestClient bob = server.client();
                TestClient second = new TestClient(server.address, dead.keys)) {
            second.shake(server.key());
            second.awaitWelcome();

            bob.send(second.key(), "who are you?");
            assertThat(second.receive().text()).isEqualTo("who are you?");
            assertThat(dead.isEnded()).isTrue();
            await().untilAsserted(() -> assertThat(server.relay.counters().ended(EndReason.REPLACED))
                    .isEqualTo(1));
            assertThat(server.relay.sessions()).isEqualTo(2);
        }
    }

    @Test
    void letsOneNewcomerAtATimeClaimAKey() throws Exception {
        RelaySettings patient = TestServer.SETTINGS.withTicks(Duration.ofMillis(100), 300, 300, Duration.ofSeconds(20));
        try (TestServer server = new TestServer(patient, 2);
                TestClient silent = server.client();
                TestClient second = new TestClient(server.address, silent.keys);
                TestClient third = new TestClient(server.address, silent.keys)) {
            second.shake(server.key());
            silent.receive(LetterKind.PING);
            third.shake(server.key());

            assertThat(third.awaitRefusal()).isEqualTo(MessagingRefusal.MESSAGING_REFUSAL_KEY_IN_USE);

            silent.close(); // its end settles the question at once
            second.awaitWelcome();
        }
    }

    @Test
    void endsASilentSession() throws Exception {
        RelaySettings strict = TestServer.SETTINGS.withTicks(Duration.ofMillis(100), 5, 300, Duration.ofSeconds(1));
        try (TestServer server = new TestServer(strict, 1);
                TestClient alice = server.client()) {
            assertThat(alice.isEnded()).isTrue();
            await().untilAsserted(() ->
                    assertThat(server.relay.counters().ended(EndReason.SILENT)).isEqualTo(1));
            assertThat(server.relay.sessions()).isZero();
        }
    }

    @Test
    void drainsByTellingEverybodyToMoveAndGoesOnRelaying() throws Exception {
        try (TestServer server = new TestServer();
                TestClient alice = server.client();
                TestClient bob = server.client();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<Integer> drained = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return server.relay.drain(Duration.ofSeconds(30));
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    threads);
            MessagingMove move =
                    MessagingMove.parseFrom(alice.receive(LetterKind.MOVE).payload());
            assertThat(move.getWithinMs()).isEqualTo(30_000);
            bob.receive(LetterKind.MOVE);

            alice.send(bob.key(), "one last thing");
            assertThat(bob.receive().text()).isEqualTo("one last thing");

            bob.close();
            await().untilAsserted(() -> assertThat(server.relay.sessions()).isEqualTo(1));
            alice.send(bob.key(), "too late");
            assertThat(alice.receive(LetterKind.RETURNED).payload()).containsExactly(ReturnReason.DRAINING.number());
            assertThat(drained).isNotDone();
            alice.close();
            assertThat(drained.join()).isZero();
        }
    }

    @Test
    void dropsForASlowReaderAndForNobodyElse() throws Exception {
        RelaySettings small = TestServer.SETTINGS.withMemory(new QueueLimits(64 * 1024, 32 * 1024), 1 << 20, 1 << 20);
        try (TestServer server = new TestServer(small, 1);
                TestClient alice = server.client();
                TestClient slow = server.narrowClient();
                TestClient bob = server.client()) {
            byte[] large = new byte[16_000];
            // The kernel's buffer of the server's side takes the first ones.
            await().atMost(TestClient.PATIENCE).until(() -> {
                for (int i = 0; i < 50; i++) {
                    alice.send(slow.key(), large);
                }
                return server.relay.counters().dropped(DropReason.QUEUE_FULL) > 0;
            });
            alice.send(bob.key(), "and you?");

            assertThat(bob.receive().text()).isEqualTo("and you?");
            assertThat(alice.receive(LetterKind.RETURNED).payload()).containsExactly(ReturnReason.QUEUE_FULL.number());
            assertThat(server.relay.waitingBytes()).isLessThanOrEqualTo(128 * 1024);

            slow.close();
            await().untilAsserted(() -> assertThat(server.relay.waitingBytes()).isZero());
        }
    }
}
