package io.skywire.node.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.node.directory.EntryContent;
import io.skywire.node.directory.FakeDiscovery;
import io.skywire.node.letters.LetterKind;
import io.skywire.node.letters.LetterLayout;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A mailbox at a server that does not keep the rules: it leaves that server and counts why, and goes on with others.
@Timeout(240)
class RogueServerTest {
    private final PublicKey somebody = KeyPair.generate(new SecureRandom()).publicKey();
    private TestNetwork network;

    @BeforeEach
    void aNetwork() throws Exception {
        network = new TestNetwork();
    }

    @AfterEach
    void stop() throws Exception {
        network.close();
    }

    private void list(RogueServer server) {
        list(server.keys, server.address());
    }

    private void list(KeyPair keys, String address) {
        network.discovery.entries.put(
                keys.publicKey(), FakeDiscovery.signed(keys, new EntryContent.OfServer(address, 100)));
    }

    private void awaitEnd(TestNetwork.Box box, SessionEnd why) {
        TestNetwork.eventually()
                .untilAsserted(() -> assertThat(box.mailbox.status().ends().get(why))
                        .as("%s", box.mailbox.status())
                        .isPositive());
    }

    private void worksElsewhere(TestNetwork.Box box) throws Exception {
        TestNetwork.Server good = network.server();
        TestNetwork.eventually()
                .untilAsserted(() -> assertThat(box.mailbox.servers()).contains(good.key()));
        box.send(box.key(), good.key(), "to myself");
        TestNetwork.eventually()
                .untilAsserted(() -> assertThat(box.letters).anyMatch(letter -> letter.endsWith("to myself")));
    }

    /// What a server must not say to a client that is welcome.
    enum Wrong {
        HALF_A_LETTER(new byte[] {1, 2, 3}),
        UNKNOWN_KIND(new byte[] {77, 0, 0}),
        A_SECOND_WELCOME(LetterLayout.own(LetterKind.WELCOME, new byte[0])),
        A_MOVE_THAT_IS_NONE(LetterLayout.own(LetterKind.MOVE, new byte[] {-1, -1, -1})),
        A_RIVAL_THAT_IS_NONE(LetterLayout.own(LetterKind.RIVAL, new byte[] {-1})),
        A_LONG_PING(LetterLayout.own(LetterKind.PING, new byte[100])),
        A_RETURNED_WITHOUT_REASON(returned());

        private final byte[] plain;

        Wrong(byte[] plain) {
            this.plain = plain;
        }

        private static byte[] returned() {
            byte[] letter = new byte[LetterLayout.HEAD];
            letter[0] = 2;
            return letter;
        }
    }

    @ParameterizedTest
    @EnumSource
    void leavesAServerThatSaysWhatItMustNot(Wrong wrong) throws Exception {
        try (RogueServer rogue = new RogueServer(client -> {
            client.welcome();
            client.send(wrong.plain);
            client.ignore();
        })) {
            list(rogue);
            TestNetwork.Box alice = network.mailbox(1);

            awaitEnd(alice, SessionEnd.BAD_FRAME);
            worksElsewhere(alice);
        }
    }

    @Test
    void leavesAServerThatHandsOutLettersBeforeItsWelcome() throws Exception {
        try (RogueServer rogue = new RogueServer(client -> {
            client.send(RogueServer.letterFrom(somebody, "too early"));
            client.ignore();
        })) {
            list(rogue);
            TestNetwork.Box alice = network.mailbox(1);

            awaitEnd(alice, SessionEnd.BAD_FRAME);
            assertThat(alice.letters).isEmpty();
        }
    }

    @Test
    void leavesAServerThatPlaysAFrameTwice() throws Exception {
        try (RogueServer rogue = new RogueServer(client -> {
            client.welcome();
            byte[] frame = client.frame(RogueServer.letterFrom(somebody, "once"));
            client.sendRaw(frame);
            client.sendRaw(frame);
            client.ignore();
        })) {
            list(rogue);
            TestNetwork.Box alice = network.mailbox(1);

            awaitEnd(alice, SessionEnd.BAD_FRAME);
            assertThat(alice.letters).isNotEmpty().allMatch(letter -> letter.endsWith(" once"));
        }
    }

    @Test
    void takesLettersThatAServerDoublesShufflesAndLosesAsTheyCome() throws Exception {
        try (RogueServer rogue = new RogueServer(client -> {
            client.welcome();
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            for (int number : new int[] {3, 1, 1, 4}) {
                frame.write(RogueServer.letterFrom(somebody, "letter " + number));
            }
            client.send(frame.toByteArray());
            client.ignore();
        })) {
            list(rogue);
            TestNetwork.Box alice = network.mailbox(1).awaitSessions(1);

            String from = somebody.shortHex();
            TestNetwork.eventually()
                    .untilAsserted(() -> assertThat(alice.letters)
                            .containsExactly(
                                    from + " letter 3", from + " letter 1", from + " letter 1", from + " letter 4"));
        }
    }

    @Test
    void countsSendersThatAreNoKeys() throws Exception {
        byte[] noKey = RogueServer.letterFrom(somebody, "from nobody");
        noKey[LetterLayout.KEY_OFFSET] = 9;
        try (RogueServer rogue = new RogueServer(client -> {
            client.welcome();
            client.send(noKey);
            client.send(RogueServer.letterFrom(somebody, "from somebody"));
            client.ignore();
        })) {
            list(rogue);
            TestNetwork.Box alice = network.mailbox(1).awaitSessions(1);

            TestNetwork.eventually()
                    .untilAsserted(
                            () -> assertThat(alice.letters).containsExactly(somebody.shortHex() + " from somebody"));
            assertThat(alice.mailbox.status().dropped()).containsEntry(LocalDrop.BAD_SENDER, 1L);
        }
    }

    @Test
    void leavesAServerThatIsSilent() throws Exception {
        try (RogueServer rogue = new RogueServer(client -> {
            client.welcome();
            client.ignore(); // PINGs too
        })) {
            list(rogue);
            TestNetwork.Box alice = network.mailbox(
                    KeyPair.generate(new SecureRandom()),
                    TestNetwork.SETTINGS
                            .withSessions(1, 1, Duration.ofMinutes(1))
                            .withTicks(Duration.ofMillis(100), 10, Duration.ofSeconds(20)));

            awaitEnd(alice, SessionEnd.SILENT);
            assertThat(alice.events).contains("down " + rogue.key().shortHex());
        }
    }

    @Test
    void givesUpOnAServerThatNeverSaysWelcome() throws Exception {
        try (RogueServer rogue = new RogueServer(RogueServer.Client::ignore)) {
            list(rogue);
            TestNetwork.Box alice = network.mailbox(
                    KeyPair.generate(new SecureRandom()),
                    TestNetwork.SETTINGS
                            .withSessions(1, 1, Duration.ofMinutes(1))
                            .withTicks(Duration.ofMillis(100), 300, Duration.ofSeconds(2)));

            awaitEnd(alice, SessionEnd.HANDSHAKE_FAILED);
            assertThat(alice.events).isEmpty();
        }
    }

    @Test
    void doesNotTakeOneServerForAnother() throws Exception {
        try (RogueServer rogue = new RogueServer(RogueServer.Client::welcome)) {
            list(KeyPair.generate(new SecureRandom()), rogue.address());
            TestNetwork.Box alice = network.mailbox(1);

            TestNetwork.eventually()
                    .untilAsserted(
                            () -> assertThat(alice.mailbox.status().ends().get(SessionEnd.HANDSHAKE_FAILED)
                                            + alice.mailbox.status().ends().get(SessionEnd.WRONG_KEY))
                                    .isPositive());
            assertThat(alice.mailbox.servers()).isEmpty();
        }
    }
}
