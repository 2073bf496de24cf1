package io.skywire.node.letters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.skywire.node.wire.BadFrameException;
import io.skywire.node.wire.FrameBuilder;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.noise.LinkHandshake;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LetterReaderTest {
    private final SealedLetters session = SealedLetters.pair(7);
    private final FrameBuilder frames = new FrameBuilder(session.client().sealing());
    private final Workspace workspace = new Workspace(1 << 20, 1 << 20);
    private final LetterReader reader = new LetterReader(session.server().opening(), workspace);
    private final List<byte[]> opened = new ArrayList<>();

    private LetterReader.Outcome read(byte[] bytes) throws BadFrameException {
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        try {
            return reader.read(in, (plain, length) -> opened.add(Arrays.copyOf(plain, length)));
        } finally {
            in.release();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 17, 1_000, 4_095, 4_096, 4_097, 65_537, 1_000_000})
    void readsFramesHoweverTheyAreCut(int piece) throws Exception {
        Random random = new Random(piece);
        List<byte[]> plains = new ArrayList<>();
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (int length : new int[] {3, 36, 100, 4_078, 4_079, 4_080, 16_548, 65_519, 50}) {
            byte[] plain = new byte[length];
            random.nextBytes(plain);
            plains.add(plain);
            wire.write(SealedLetters.frame(frames, plain));
        }
        byte[] all = wire.toByteArray();

        for (int at = 0; at < all.length; at += piece) {
            assertThat(read(Arrays.copyOfRange(all, at, Math.min(all.length, at + piece))))
                    .isEqualTo(LetterReader.Outcome.TAKEN);
        }

        assertThat(opened).hasSameSizeAs(plains);
        for (int i = 0; i < plains.size(); i++) {
            assertThat(Arrays.equals(opened.get(i), plains.get(i)))
                    .as("frame %s", i)
                    .isTrue();
        }
        assertThat(reader.frames()).isEqualTo(plains.size());
        assertThat(reader.isInFrame()).isFalse();
        assertThat(workspace.held()).isZero();
    }

    @Test
    void keepsWhatHasComeAndNotWhatWasAnnounced() throws Exception {
        byte[] frame = SealedLetters.frame(frames, new byte[60_000]);

        read(Arrays.copyOf(frame, 100));

        assertThat(reader.isInFrame()).isTrue();
        assertThat(workspace.held()).isLessThanOrEqualTo(4_096);
        reader.close();
        assertThat(workspace.held()).isZero();
    }

    @Test
    void saysWhenThereIsNoRoom() throws Exception {
        LetterReader poor = new LetterReader(session.server().opening(), new Workspace(4_096, 1));
        byte[] frame = SealedLetters.frame(frames, new byte[60_000]);
        ByteBuf in = Unpooled.wrappedBuffer(frame, 0, 50_000);
        try {
            assertThat(poor.read(in, (plain, length) -> {})).isEqualTo(LetterReader.Outcome.NO_ROOM);
        } finally {
            in.release();
        }
    }

    @Test
    void refusesEverythingAfterAForgedFrame() {
        byte[] frame = SealedLetters.frame(frames, new byte[40]);
        frame[10] ^= 1;

        assertThatThrownBy(() -> read(frame)).isInstanceOf(BadFrameException.class);
        assertThatThrownBy(() -> read(new byte[] {1})).hasMessageContaining("earlier frame");
        assertThat(opened).isEmpty();
    }

    @Test
    void refusesAFrameTwice() throws Exception {
        byte[] frame = SealedLetters.frame(frames, new byte[40]);
        read(frame);

        assertThatThrownBy(() -> read(frame)).hasMessageContaining("does not authenticate");
        assertThat(opened).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16, 18})
    void refusesAFrameThatHoldsNoLetter(int length) {
        assertThatThrownBy(() -> read(new byte[] {0, (byte) length}))
                .hasMessageContaining("a frame of " + length + " bytes");
    }

    @Test
    void aHandshakeForAnotherPurposeIsNoneForThisOne() {
        Random random = new Random(9);
        KeyPair self = KeyPair.generate(random);
        KeyPair server = KeyPair.generate(random);
        LinkHandshake link = LinkHandshake.dialling(
                self,
                server.publicKey(),
                io.skywire.shared.noise.CipherOffer.only(io.skywire.shared.noise.LinkCipher.CHACHA20_POLY1305),
                2_000,
                () -> KeyPair.generate(random));
        LinkHandshake messaging = LinkHandshake.accepting(
                LinkHandshake.Purpose.MESSAGING,
                server,
                io.skywire.shared.noise.CipherOffer.only(io.skywire.shared.noise.LinkCipher.CHACHA20_POLY1305),
                2_000,
                () -> KeyPair.generate(random));

        assertThatThrownBy(() -> messaging.receive(link.start()))
                .isInstanceOf(io.skywire.shared.noise.HandshakeException.class);
    }
}
