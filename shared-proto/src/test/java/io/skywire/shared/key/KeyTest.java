package io.skywire.shared.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.shared.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class KeyTest {
    private static final String SECRET = "42bca4df2f3189b28872d40e6c61aacd5e85b8e91f8fea65780af27c142419e5";

    @Test
    void readsAKeyBackFromEitherText() {
        Seeds.forAll(200, random -> {
            PublicKey key = KeyPair.generate(random).publicKey();

            assertThat(key.base32()).hasSize(PublicKey.BASE32_LENGTH).matches("[a-z2-7]+");
            assertThat(PublicKey.parse(key.base32())).isEqualTo(key);
            assertThat(PublicKey.parse(key.base32().toUpperCase(Locale.ROOT))).isEqualTo(key);
            assertThat(PublicKey.parse(key.hex())).isEqualTo(key).hasSameHashCodeAs(key);
            assertThat(PublicKey.parse(key.hex().toUpperCase(Locale.ROOT))).isEqualTo(key);
        });
    }

    @Test
    void base32OfAnyBytesComesBack() {
        Seeds.forAll(200, random -> {
            byte[] bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);

            assertThat(Base32.decode(Base32.encode(bytes), bytes.length)).isEqualTo(bytes);
        });
    }

    @Test
    void refusesBase32WithForeignLettersOrStrayBits() {
        String text = keyPair().publicKey().base32();

        assertThatThrownBy(() -> PublicKey.parse(text.substring(0, 52) + "1"))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("'1' is not a base32 letter");
        // The Kelvin sign becomes a 'k' in lower case, but is no letter of ours.
        assertThatThrownBy(() -> PublicKey.parse("\u212a" + text.substring(1))).isInstanceOf(InvalidKeyException.class);
        char stray = (char) (text.charAt(52) == 'a' ? 'b' : text.charAt(52) + 1);
        assertThatThrownBy(() -> PublicKey.parse(text.substring(0, 52) + stray))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("is not the base32 of 33 bytes");
    }

    @Test
    void saysWhatIsWrongWithATextThatIsNoKey() {
        assertThatThrownBy(() -> PublicKey.parse("abc"))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("66 hex digits or 53 base32 letters, not 3 characters: 'abc'");
        assertThatThrownBy(() -> PublicKey.parse("zz".repeat(33)))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("must be hex");
        assertThatThrownBy(() -> PublicKey.of(new byte[32]))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("33 bytes, not 32");
        assertThatThrownBy(() -> Signature.parse("00")).isInstanceOf(InvalidKeyException.class);
        assertThatThrownBy(() -> Signature.of(new byte[64]))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("65 bytes, not 64");
    }

    @Test
    void neverPrintsASecretKey() {
        KeyPair pair = keyPair();

        assertThat(pair.toString() + pair.secret()).doesNotContain(SECRET).doesNotContain(SECRET.substring(0, 8));
        assertThatThrownBy(() -> SecretKey.parse(SECRET.substring(1)))
                .isInstanceOf(InvalidKeyException.class)
                .message()
                .doesNotContain(SECRET.substring(1, 9));
        assertThatThrownBy(() -> SecretKey.parse("x" + SECRET.substring(1)))
                .isInstanceOf(InvalidKeyException.class)
                .hasNoCause()
                .message()
                .doesNotContain(SECRET.substring(1, 9));
    }

    @Test
    void doesNotRepeatASecretKeyThatWasTakenForAPublicOne() {
        assertThatThrownBy(() -> PublicKey.parse(SECRET))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("secret key")
                .message()
                .doesNotContain(SECRET.substring(0, 8));
    }

    @Test
    void refusesSecretKeysOutsideTheOrderOfTheCurve() {
        String order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
        for (String text : new String[] {"00".repeat(32), order, "ff".repeat(32)}) {
            assertThatThrownBy(() -> SecretKey.parse(text))
                    .isInstanceOf(InvalidKeyException.class)
                    .hasMessageContaining("below the order");
        }
        assertThat(SecretKey.parse(order.substring(0, 63) + "0").revealHex()).endsWith("4140");
    }

    @Test
    void aDestroyedKeyRefusesToWork() {
        KeyPair pair = keyPair();
        pair.secret().destroy();

        assertThatThrownBy(() -> pair.sign(new byte[1])).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pair.secret().revealHex()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aSignatureHoldsForItsKeyAndItsBytesOnly() {
        Seeds.forAll(30, random -> {
            KeyPair pair = KeyPair.generate(random);
            byte[] payload = new byte[1 + random.nextInt(200)];
            random.nextBytes(payload);
            Signature signature = pair.sign(payload);

            assertThat(pair.publicKey().verifies(signature, payload)).isTrue();
            assertThat(KeyPair.generate(random).publicKey().verifies(signature, payload))
                    .isFalse();
            int bit = random.nextInt(payload.length * 8);
            payload[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(pair.publicKey().verifies(signature, payload)).isFalse();
        });
    }

    @Test
    void aFlippedBitAnywhereEndsASignature() {
        KeyPair pair = keyPair();
        byte[] payload = "payload".getBytes(StandardCharsets.UTF_8);
        byte[] signature = pair.sign(payload).bytes();
        for (int bit = 0; bit < signature.length * 8; bit++) {
            byte[] flipped = signature.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(pair.publicKey().verifies(Signature.of(flipped), payload))
                    .as("bit %d", bit)
                    .isFalse();
        }
    }

    @Test
    void ordersKeysAsUnsignedBytes() {
        PublicKey low = PublicKey.parse("024ec47420176680816e0406250e7156465e4531f5b26057c9f6297bb0303558c7");
        PublicKey high = PublicKey.parse("02fefdb85c81d07922bf1d391b4a7a506ed5851b7218cd85ba0124d2d044611290");

        assertThat(low).isLessThan(high);
        assertThat(low.toString()).isEqualTo(low.hex()).startsWith(low.shortHex());
    }

    @Test
    void keepsItsBytesToItself() {
        PublicKey key = keyPair().publicKey();
        key.bytes()[5] ^= 1;
        Signature signature = keyPair().sign(new byte[] {1});
        signature.bytes()[5] ^= 1;

        assertThat(key).isEqualTo(keyPair().publicKey());
        assertThat(signature).isEqualTo(keyPair().sign(new byte[] {1}));
    }

    private static KeyPair keyPair() {
        return KeyPair.of(SecretKey.parse(SECRET));
    }
}
