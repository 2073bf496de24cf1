package io.skywire.shared.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CipherStateTest {
    private static final byte[] KEY = new byte[32];
    private static final HexFormat HEX = HexFormat.of();

    /// https://www.rfc-editor.org/rfc/rfc8439#appendix-A.5; its nonce is four zero bytes and a little-endian counter.
    private static final byte[] RFC_KEY =
            HEX.parseHex("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0");

    private static final long RFC_COUNTER = 0x0807060504030201L;
    private static final byte[] RFC_AD = HEX.parseHex("f33388860000000000004e91");
    private static final byte[] RFC_PLAIN = HEX.parseHex("496e7465726e65742d447261667473206172652064726166742064"
            + "6f63756d656e74732076616c696420666f722061206d6178696d756d206f6620736978206d6f6e74687320616e64206d6179206265"
            + "20757064617465642c207265706c616365642c206f72206f62736f6c65746564206279206f7468657220646f63756d656e74732061"
            + "7420616e792074696d652e20497420697320696e617070726f70726961746520746f2075736520496e7465726e65742d4472616674"
            + "73206173207265666572656e6365206d6174657269616c206f7220746f2063697465207468656d206f74686572207468616e206173"
            + "202fe2809c776f726b20696e2070726f67726573732e2fe2809d");
    private static final byte[] RFC_SEALED = HEX.parseHex("64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac7"
            + "6c8cb24c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad"
            + "176e008d33bd60f982b1ff37c8559797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b804d"
            + "46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273"
            + "f548271a0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a1049e617d91d361094fa68f0ff7798713030"
            + "5beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709b");
    private static final byte[] RFC_TAG = HEX.parseHex("eead9d67890cbb22392336fea1851f38");

    private static byte[] seal(CipherState state, byte[] plain) {
        byte[] sealed = new byte[plain.length + LinkCipher.TAG_LENGTH];
        assertThat(state.seal(plain, 0, plain.length, sealed, 0)).isEqualTo(sealed.length);
        return sealed;
    }

    private static byte[] open(CipherState state, byte[] sealed) throws ForgedFrameException {
        byte[] plain = new byte[sealed.length];
        int length = state.open(sealed, 0, sealed.length, plain, 0);
        return Arrays.copyOf(plain, length);
    }

    @Test
    void chaChaKeysAndNoncesAreThoseOfRfc8439() throws Exception {
        LinkCipher chaCha = LinkCipher.CHACHA20_POLY1305;
        Cipher jca = chaCha.open();
        jca.init(Cipher.ENCRYPT_MODE, chaCha.key(RFC_KEY), chaCha.nonce(RFC_COUNTER));
        jca.updateAAD(RFC_AD);

        byte[] sealed = jca.doFinal(RFC_PLAIN);

        assertThat(Arrays.copyOf(sealed, RFC_PLAIN.length)).isEqualTo(RFC_SEALED);
        assertThat(Arrays.copyOfRange(sealed, RFC_PLAIN.length, sealed.length)).isEqualTo(RFC_TAG);
    }

    @Test
    void sealsAsRfc8439ApartFromTheTagThatCoversAssociatedData() {
        CipherState state =
                new CipherState(LinkCipher.CHACHA20_POLY1305, RFC_KEY, CipherState.REKEY_INTERVAL, RFC_COUNTER);

        assertThat(Arrays.copyOf(seal(state, RFC_PLAIN), RFC_PLAIN.length)).isEqualTo(RFC_SEALED);
    }

    /// Test cases 13 and 14 of the GCM specification by McGrew and Viega, appendix B,
    /// https://csrc.nist.gov/groups/ST/toolkit/BCM/documents/proposedmodes/gcm/gcm-spec.pdf
    @ParameterizedTest
    @CsvSource({
        "0, 530f8afbc74536b9a963b4f1c4cb738b",
        "16, cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
    })
    void sealsAndOpensAsTheGcmSpecification(int zeros, String sealed) throws Exception {
        CipherState sealing = CipherState.of(LinkCipher.AES_256_GCM, KEY);
        CipherState opening = CipherState.of(LinkCipher.AES_256_GCM, KEY);

        assertThat(seal(sealing, new byte[zeros])).isEqualTo(HEX.parseHex(sealed));
        assertThat(open(opening, HEX.parseHex(sealed))).isEqualTo(new byte[zeros]);
    }

    @Test
    void aesNoncesAreBigEndian() throws Exception {
        LinkCipher aes = LinkCipher.AES_256_GCM;
        Cipher jca = aes.open();
        byte[] nonce = HEX.parseHex("000000000000000000000102");
        jca.init(Cipher.ENCRYPT_MODE, aes.key(KEY), new javax.crypto.spec.GCMParameterSpec(128, nonce));

        CipherState state = new CipherState(aes, KEY, CipherState.REKEY_INTERVAL, 0x0102);

        assertThat(seal(state, RFC_PLAIN)).isEqualTo(jca.doFinal(RFC_PLAIN));
    }

    @ParameterizedTest
    @EnumSource(LinkCipher.class)
    void rekeysBothEndsAfterTheInterval(LinkCipher cipher) throws Exception {
        CipherState sealing = new CipherState(cipher, KEY, 3, 0);
        CipherState opening = new CipherState(cipher, KEY, 3, 0);
        CipherState neverRekeyed = CipherState.of(cipher, KEY);
        byte[] plain = {1, 2, 3};

        for (int frame = 0; frame < 10; frame++) {
            byte[] sealed = seal(sealing, plain);
            byte[] without = seal(neverRekeyed, plain);
            assertThat(Arrays.equals(sealed, without)).as("frame %d", frame).isEqualTo(frame < 3);
            assertThat(open(opening, sealed)).isEqualTo(plain);
        }
    }

    @Test
    void theNextKeyIsThatOfNoiseRekey() throws Exception {
        LinkCipher chaCha = LinkCipher.CHACHA20_POLY1305;
        Cipher jca = chaCha.open();
        jca.init(
                Cipher.ENCRYPT_MODE,
                chaCha.key(KEY),
                new javax.crypto.spec.IvParameterSpec(HEX.parseHex("00000000ffffffffffffffff")));
        byte[] next = Arrays.copyOf(jca.doFinal(new byte[32]), 32);
        CipherState rekeying = new CipherState(chaCha, KEY, 1, 0);
        CipherState expected = new CipherState(chaCha, next, CipherState.REKEY_INTERVAL, 1);

        seal(rekeying, new byte[0]);

        assertThat(seal(rekeying, RFC_PLAIN)).isEqualTo(seal(expected, RFC_PLAIN));
    }

    @ParameterizedTest
    @EnumSource(LinkCipher.class)
    void refusesForgedReplayedAndReorderedFramesAndOpensTheDueOneAfterwards(LinkCipher cipher) throws Exception {
        CipherState sealing = CipherState.of(cipher, KEY);
        CipherState opening = CipherState.of(cipher, KEY);
        byte[] first = seal(sealing, new byte[] {1});
        byte[] second = seal(sealing, new byte[] {2});
        byte[] forged = first.clone();
        forged[0] ^= 1;

        assertThatExceptionOfType(ForgedFrameException.class).isThrownBy(() -> open(opening, forged));
        assertThatExceptionOfType(ForgedFrameException.class).isThrownBy(() -> open(opening, second));
        assertThatExceptionOfType(ForgedFrameException.class).isThrownBy(() -> open(opening, new byte[15]));
        assertThat(open(opening, first)).containsExactly(1);
        assertThatExceptionOfType(ForgedFrameException.class).isThrownBy(() -> open(opening, first));
        assertThat(open(opening, second)).containsExactly(2);
    }

    @Test
    void refusesToUseACounterTwice() {
        CipherState state = new CipherState(LinkCipher.CHACHA20_POLY1305, KEY, CipherState.REKEY_INTERVAL, -2L);
        seal(state, new byte[0]);

        assertThatIllegalStateException().isThrownBy(() -> seal(state, new byte[0]));
    }
}
