package io.skywire.shared.key;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/// Keys and signatures from strangers: a value that stays the same in every form, or [InvalidKeyException].
class KeyFuzzTest {
    @FuzzTest
    void publicKeyText(byte[] data) {
        try {
            PublicKey key = PublicKey.parse(new String(data, StandardCharsets.ISO_8859_1));
            assertThat(PublicKey.parse(key.hex())).isEqualTo(key);
            assertThat(PublicKey.parse(key.base32())).isEqualTo(key);
            assertThat(PublicKey.of(key.bytes())).isEqualTo(key);
        } catch (InvalidKeyException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }

    @FuzzTest
    void publicKeyBytes(byte[] data) {
        try {
            assertThat(PublicKey.of(data).bytes()).isEqualTo(data);
        } catch (InvalidKeyException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }

    /// The first 33 bytes are a key, the next 65 a signature, the rest is what it should cover.
    @FuzzTest
    void verification(byte[] data) {
        try {
            PublicKey key = PublicKey.of(part(data, 0, PublicKey.LENGTH));
            Signature signature = Signature.of(part(data, PublicKey.LENGTH, PublicKey.LENGTH + Signature.LENGTH));
            assertThat(Signature.parse(signature.hex())).isEqualTo(signature);
            byte[] payload = part(data, PublicKey.LENGTH + Signature.LENGTH, data.length);
            assertThat(key.verifies(signature, payload)).isEqualTo(key.verifies(signature, payload));
        } catch (InvalidKeyException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }

    private static byte[] part(byte[] data, int from, int to) {
        return java.util.Arrays.copyOfRange(data, Math.min(from, data.length), Math.min(to, data.length));
    }
}
