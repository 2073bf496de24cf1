package io.skywire.shared.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.noise.HandshakeException.Reason;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkHandshakeTest {
    private static final int MAX_PAYLOAD = 16_384;

    private final Random random = new Random(0xb017L);
    private final KeyPair alice = KeyPair.generate(random);
    private final KeyPair bob = KeyPair.generate(random);

    private LinkHandshake dialling(CipherOffer offer) {
        return LinkHandshake.dialling(alice, bob.publicKey(), offer, MAX_PAYLOAD, () -> KeyPair.generate(random));
    }

    private LinkHandshake accepting(CipherOffer offer) {
        return LinkHandshake.accepting(bob, offer, MAX_PAYLOAD, () -> KeyPair.generate(random));
    }

    private static byte[] reply(LinkHandshake.Step step) {
        return ((LinkHandshake.Step.Reply) step).message();
    }

    private static LinkHandshake.Step.Done done(LinkHandshake.Step step) {
        return (LinkHandshake.Step.Done) step;
    }

    private static HandshakeException refusal(LinkHandshake handshake, byte[] message) {
        HandshakeException refused = catchThrowableOfType(HandshakeException.class, () -> handshake.receive(message));
        assertThat(refused).isNotNull();
        return refused;
    }

    private static byte[] flipped(byte[] message, int at) {
        byte[] changed = message.clone();
        changed[at] ^= 0x40;
        return changed;
    }

    @ParameterizedTest
    @EnumSource(LinkCipher.class)
    void agreesOnTheOnlyCipherAndSealsBothWays(LinkCipher cipher) throws Exception {
        LinkHandshake dialling = dialling(CipherOffer.only(cipher));
        LinkHandshake accepting = accepting(CipherOffer.only(cipher));

        byte[] one = dialling.start();
        byte[] two = reply(accepting.receive(one));
        LinkHandshake.Step.Done dialled = done(dialling.receive(two));
        byte[] three = dialled.lastMessage().orElseThrow();
        LinkSession accepted = done(accepting.receive(three)).session();

        assertThat(one.length).isEqualTo(51);
        assertThat(two.length).isEqualTo(53);
        assertThat(three.length).isEqualTo(LinkHandshake.MAX_MESSAGE);
        assertThat(dialled.session().remote()).isEqualTo(bob.publicKey());
        assertThat(accepted.remote()).isEqualTo(alice.publicKey());
        assertThat(dialled.session().cipher()).isEqualTo(cipher);
        assertThat(accepted.cipher()).isEqualTo(cipher);
        exchange(dialled.session().sealing(), accepted.opening());
        exchange(accepted.sealing(), dialled.session().opening());
    }

    private void exchange(CipherState sealing, CipherState opening) throws ForgedFrameException {
        byte[] plain = new byte[1_000];
        random.nextBytes(plain);
        byte[] sealed = new byte[plain.length + LinkCipher.TAG_LENGTH];
        byte[] opened = new byte[plain.length];
        for (int frame = 0; frame < 3; frame++) {
            assertThat(sealing.seal(plain, 0, plain.length, sealed, 0)).isEqualTo(sealed.length);
            assertThat(opening.open(sealed, 0, sealed.length, opened, 0)).isEqualTo(plain.length);
            assertThat(opened).isEqualTo(plain);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "AES_256_GCM, AES_256_GCM, AES_256_GCM",
        "AES_256_GCM, CHACHA20_POLY1305, CHACHA20_POLY1305",
        "CHACHA20_POLY1305, AES_256_GCM, CHACHA20_POLY1305",
        "CHACHA20_POLY1305, CHACHA20_POLY1305, CHACHA20_POLY1305",
    })
    void usesAesOnlyIfBothPreferIt(LinkCipher dialler, LinkCipher acceptor, LinkCipher expected) throws Exception {
        LinkHandshake dialling = dialling(CipherOffer.preferring(dialler));
        LinkHandshake accepting = accepting(CipherOffer.preferring(acceptor));

        LinkSession session = done(dialling.receive(reply(accepting.receive(dialling.start()))))
                .session();

        assertThat(session.cipher()).isEqualTo(expected);
    }

    @Test
    void carriesTheSmallerOfTheTwoLargestPayloads() throws Exception {
        LinkHandshake dialling = dialling(CipherOffer.only(LinkCipher.CHACHA20_POLY1305));
        LinkHandshake accepting = LinkHandshake.accepting(
                bob, CipherOffer.only(LinkCipher.CHACHA20_POLY1305), 1_400, () -> KeyPair.generate(random));

        LinkHandshake.Step.Done dialled = done(dialling.receive(reply(accepting.receive(dialling.start()))));
        LinkSession accepted =
                done(accepting.receive(dialled.lastMessage().orElseThrow())).session();

        assertThat(dialled.session().maxPayload()).isEqualTo(1_400);
        assertThat(accepted.maxPayload()).isEqualTo(1_400);
    }

    @Test
    void endsWithoutACommonCipher() {
        LinkHandshake dialling = dialling(CipherOffer.only(LinkCipher.AES_256_GCM));
        LinkHandshake accepting = accepting(CipherOffer.only(LinkCipher.CHACHA20_POLY1305));

        HandshakeException refused = refusal(accepting, dialling.start());

        assertThat(refused.reason()).isEqualTo(Reason.UNACCEPTABLE_TERMS);
        assertThat(accepting.isDead()).isTrue();
    }

    @Test
    void noticesATamperedOfferAndStaysUsable() throws Exception {
        LinkHandshake dialling = dialling(CipherOffer.preferring(LinkCipher.AES_256_GCM));
        LinkHandshake accepting = accepting(CipherOffer.preferring(LinkCipher.AES_256_GCM));
        byte[] one = dialling.start();
        byte[] downgraded = one.clone();
        downgraded[1] = 1;

        assertThat(refusal(accepting, downgraded).reason()).isEqualTo(Reason.FORGED);

        assertThat(accepting.isDead()).isFalse();
        assertThat(done(dialling.receive(reply(accepting.receive(one))))
                        .session()
                        .cipher())
                .isEqualTo(LinkCipher.AES_256_GCM);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 10, 34, 35, 50})
    void survivesAForgedActOne(int at) throws Exception {
        LinkHandshake accepting = accepting(CipherOffer.preferring(LinkCipher.AES_256_GCM));
        byte[] one = dialling(CipherOffer.preferring(LinkCipher.AES_256_GCM)).start();

        assertThat(refusal(accepting, flipped(one, at)).reason()).isIn(Reason.FORGED, Reason.INVALID_KEY);

        assertThat(accepting.isDead()).isFalse();
        assertThat(reply(accepting.receive(one))).hasSize(53);
    }

    @Test
    void survivesForgedActsTwoAndThree() throws Exception {
        LinkHandshake dialling = dialling(CipherOffer.preferring(LinkCipher.AES_256_GCM));
        LinkHandshake accepting = accepting(CipherOffer.preferring(LinkCipher.AES_256_GCM));
        byte[] two = reply(accepting.receive(dialling.start()));

        for (int at = 34; at < two.length; at++) {
            assertThat(refusal(dialling, flipped(two, at)).reason()).isEqualTo(Reason.FORGED);
            assertThat(dialling.isDead()).isFalse();
        }
        byte[] three = done(dialling.receive(two)).lastMessage().orElseThrow();
        for (int at = 1; at < three.length; at++) {
            assertThat(refusal(accepting, flipped(three, at)).reason()).isEqualTo(Reason.FORGED);
            assertThat(accepting.isDead()).isFalse();
        }
        assertThat(done(accepting.receive(three)).session().remote()).isEqualTo(alice.publicKey());
    }

    @Test
    void survivesTruncatedMessagesOfEveryLength() throws Exception {
        LinkHandshake accepting = accepting(CipherOffer.preferring(LinkCipher.AES_256_GCM));
        byte[] one = dialling(CipherOffer.preferring(LinkCipher.AES_256_GCM)).start();

        for (int length = 0; length < one.length; length++) {
            assertThat(refusal(accepting, Arrays.copyOf(one, length)).reason())
                    .isIn(Reason.WRONG_LENGTH, Reason.WRONG_VERSION);
            assertThat(accepting.isDead()).isFalse();
        }
        assertThat(refusal(accepting, Arrays.copyOf(one, one.length + 1)).reason())
                .isEqualTo(Reason.WRONG_LENGTH);
        assertThat(reply(accepting.receive(one))).hasSize(53);
    }

    @Test
    void aReplayedActOneLeadsToNothing() throws Exception {
        LinkHandshake dialling = dialling(CipherOffer.preferring(LinkCipher.AES_256_GCM));
        LinkHandshake accepting = accepting(CipherOffer.preferring(LinkCipher.AES_256_GCM));
        byte[] one = dialling.start();
        byte[] three = done(dialling.receive(reply(accepting.receive(one))))
                .lastMessage()
                .orElseThrow();
        LinkHandshake again = accepting(CipherOffer.preferring(LinkCipher.AES_256_GCM));

        byte[] secondTwo = reply(again.receive(one));
        HandshakeException refused = refusal(again, three);

        assertThat(secondTwo).hasSize(53);
        assertThat(refused.reason()).isEqualTo(Reason.FORGED);
        assertThat(again.isDead()).isFalse();
        assertThat(done(accepting.receive(three)).session().remote()).isEqualTo(alice.publicKey());
    }

    @Test
    void refusesActOneInThePlaceOfActThree() throws Exception {
        LinkHandshake accepting = accepting(CipherOffer.preferring(LinkCipher.AES_256_GCM));
        byte[] one = dialling(CipherOffer.preferring(LinkCipher.AES_256_GCM)).start();
        accepting.receive(one);

        assertThat(refusal(accepting, one).reason()).isEqualTo(Reason.WRONG_LENGTH);
        assertThat(accepting.isDead()).isFalse();
    }

    @Test
    void theWrongNodeCannotOpenActOneAndSaysSo() throws Exception {
        KeyPair carol = KeyPair.generate(random);
        LinkHandshake dialling = dialling(CipherOffer.preferring(LinkCipher.AES_256_GCM));
        LinkHandshake wrong = LinkHandshake.accepting(
                carol, CipherOffer.preferring(LinkCipher.AES_256_GCM), MAX_PAYLOAD, () -> KeyPair.generate(random));

        HandshakeException refused = refusal(wrong, dialling.start());
        byte[] answer = wrong.answerTo(refused).orElseThrow();

        assertThat(refused.reason()).isEqualTo(Reason.FORGED);
        assertThat(refusal(dialling, answer).reason()).isEqualTo(Reason.PEER_HAS_OTHER_KEY);
        assertThat(dialling.isDead()).as("anybody could have sent it").isFalse();
    }

    @Test
    void refusesAnotherVersion() {
        LinkHandshake accepting = accepting(CipherOffer.preferring(LinkCipher.AES_256_GCM));
        byte[] one = dialling(CipherOffer.preferring(LinkCipher.AES_256_GCM)).start();
        one[0] = 2;

        assertThat(refusal(accepting, one).reason()).isEqualTo(Reason.WRONG_VERSION);
        assertThat(accepting.isDead()).isFalse();
    }

    @Test
    void endsWhenTheNeighbourForcesACipherOnIt() throws Exception {
        CipherOffer offer = CipherOffer.preferring(LinkCipher.CHACHA20_POLY1305);
        LinkHandshake dialling = dialling(offer);
        byte[] one = dialling.start();
        byte[] prologue = "skywire link v1\1".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        byte[] whole = Arrays.copyOf(prologue, prologue.length + 1);
        whole[prologue.length] = one[1];
        NoiseHandshake rogue = NoiseHandshake.responder(bob, whole, () -> KeyPair.generate(random));
        rogue.read(Arrays.copyOfRange(one, 2, one.length));
        byte[] act = rogue.write(new byte[] {2, 0x40, 0});
        byte[] two = new byte[act.length + 1];
        two[0] = 1;
        System.arraycopy(act, 0, two, 1, act.length);

        assertThat(refusal(dialling, two).reason()).isEqualTo(Reason.UNACCEPTABLE_TERMS);
        assertThat(dialling.isDead()).isTrue();
    }
}
