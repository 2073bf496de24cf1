package io.skywire.benchmarks.forwarding;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// The JDK's cipher and a counter, under a key that everybody knows: for measuring only. One direction of one
/// connection; no code of the product.
final class BareCipher {
    static final int TAG = 16;

    private static final byte KEY = 7;

    private final Cipher jca;
    private final SecretKeySpec key;
    private final int mode;
    private final boolean aes;
    private long counter;

    private BareCipher(String label, int mode) {
        this.mode = mode;
        this.aes = label.startsWith("AES");
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, KEY);
        this.key = new SecretKeySpec(bytes, aes ? "AES" : "ChaCha20");
        try {
            this.jca = Cipher.getInstance(aes ? "AES/GCM/NoPadding" : "ChaCha20-Poly1305");
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException(missing);
        }
    }

    /// `label` as links name their cipher, `AES-256-GCM` or `ChaCha20-Poly1305`.
    static BareCipher sealing(String label) {
        return new BareCipher(label, Cipher.ENCRYPT_MODE);
    }

    static BareCipher opening(String label) {
        return new BareCipher(label, Cipher.DECRYPT_MODE);
    }

    int apply(byte[] in, int offset, int length, byte[] out, int outOffset) {
        try {
            jca.init(mode, key, nonce(counter++));
            return jca.doFinal(in, offset, length, out, outOffset);
        } catch (GeneralSecurityException wrong) {
            throw new IllegalStateException("frame " + counter, wrong);
        }
    }

    private AlgorithmParameterSpec nonce(long number) {
        byte[] nonce = ByteBuffer.allocate(12)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(4, number)
                .array();
        return aes ? new GCMParameterSpec(8 * TAG, nonce) : new IvParameterSpec(nonce);
    }
}
