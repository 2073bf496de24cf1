package io.skywire.shared.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DatagramCipherTest {
    private static final byte[] KEY = new byte[32];

    private static DatagramCipher direction(LinkCipher cipher, long epoch) {
        return new DatagramCipher(cipher, cipher.key(KEY), epoch);
    }

    private record Frame(long counter, byte[] sealed) {}

    private static Frame seal(DatagramCipher sealing, String text) {
        byte[] plain = text.getBytes(StandardCharsets.UTF_8);
        byte[] sealed = new byte[plain.length + LinkCipher.TAG_LENGTH];
        long counter = sealing.counter();
        assertThat(sealing.seal(plain, 0, plain.length, sealed, 0)).isEqualTo(sealed.length);
        return new Frame(counter, sealed);
    }

    private static String open(DatagramCipher opening, Frame frame) throws ForgedFrameException {
        byte[] plain = new byte[frame.sealed().length];
        int length = opening.open(frame.counter(), frame.sealed(), 0, frame.sealed().length, plain, 0);
        return new String(plain, 0, length, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @EnumSource
    void opensFramesInWhateverOrderTheyCome(LinkCipher cipher) throws Exception {
        DatagramCipher sealing = direction(cipher, 1L << 20);
        DatagramCipher opening = direction(cipher, 1L << 20);
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            frames.add(seal(sealing, "frame " + i));
        }
        Collections.shuffle(frames, new Random(5));

        for (Frame frame : frames) {
            assertThat(open(opening, frame)).isEqualTo("frame " + frame.counter());
        }
    }

    @ParameterizedTest
    @EnumSource
    void changesItsKeyAndOpensWhatTheChangeHasOvertaken(LinkCipher cipher) throws Exception {
        DatagramCipher sealing = direction(cipher, 10);
        DatagramCipher opening = direction(cipher, 10);
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            frames.add(seal(sealing, "frame " + i));
        }

        for (int i : new int[] {3, 9, 10, 8, 15, 4, 19, 20, 14, 29, 11}) {
            assertThat(open(opening, frames.get(i))).isEqualTo("frame " + i);
        }
        assertThatExceptionOfType(ForgedFrameException.class).isThrownBy(() -> open(opening, frames.get(5)));
        byte[] sameText = seal(direction(cipher, 10), "frame 20").sealed();
        assertThat(Arrays.equals(sameText, frames.get(20).sealed())).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatWasChangedOnTheWayAndGoesOn(LinkCipher cipher) throws Exception {
        DatagramCipher sealing = direction(cipher, 10);
        DatagramCipher opening = direction(cipher, 10);
        Frame good = seal(sealing, "good");
        byte[] flipped = good.sealed().clone();
        flipped[2] ^= 1;

        List<Frame> forged = List.of(
                new Frame(good.counter(), flipped),
                new Frame(good.counter() + 1, good.sealed()),
                new Frame(11, good.sealed()),
                new Frame(25, good.sealed()),
                new Frame(-1, good.sealed()),
                new Frame(Long.MIN_VALUE, good.sealed()),
                new Frame(good.counter(), new byte[LinkCipher.TAG_LENGTH - 1]));

        assertThat(forged)
                .allSatisfy(frame ->
                        assertThatExceptionOfType(ForgedFrameException.class).isThrownBy(() -> open(opening, frame)));
        assertThat(open(opening, good)).isEqualTo("good");
    }

    @Test
    void aDirectionThatSealsInOrderIsNotUsedForDatagramsToo() {
        CipherState ordered = CipherState.of(LinkCipher.AES_256_GCM, KEY);
        ordered.seal(new byte[1], 0, 1, new byte[17], 0);
        assertThatIllegalStateException().isThrownBy(ordered::forDatagrams);

        CipherState given = CipherState.of(LinkCipher.AES_256_GCM, KEY);
        DatagramCipher datagrams = given.forDatagrams();
        assertThat(datagrams.counter()).isZero();
        assertThatIllegalStateException().isThrownBy(() -> given.seal(new byte[1], 0, 1, new byte[17], 0));
        assertThatIllegalStateException().isThrownBy(given::forDatagrams);
        assertThat(datagrams).hasToString("DatagramCipher(AES-256-GCM, epoch 0)");
    }
}
