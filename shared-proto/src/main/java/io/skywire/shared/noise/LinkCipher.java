package io.skywire.shared.noise;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// An authenticated cipher of Noise, with a key of 32 bytes, a tag of 16 and a counter as its nonce.
///
/// Nonce: `4 zero bytes | counter u64`, the counter little-endian for ChaCha20-Poly1305 and big-endian for AES-GCM.
/// Both are the JDK's own: only they reach the processor's vector instructions, and only on heap arrays.
public enum LinkCipher {
    CHACHA20_POLY1305(1, "ChaCha20-Poly1305", "ChaCha20-Poly1305", "ChaCha20"),
    AES_256_GCM(2, "AES-256-GCM", "AES/GCM/NoPadding", "AES");

    public static final int TAG_LENGTH = 16;
    static final int KEY_LENGTH = 32;
    private static final int NONCE_LENGTH = 12;
    private static final int COUNTER_OFFSET = 4;

    private final int number;
    private final String label;
    private final String transformation;
    private final String keyAlgorithm;

    LinkCipher(int number, String label, String transformation, String keyAlgorithm) {
        this.number = number;
        this.label = label;
        this.transformation = transformation;
        this.keyAlgorithm = keyAlgorithm;
    }

    /// The cipher's number on the wire, which is also its bit in an offer.
    int number() {
        return number;
    }

    /// The cipher's usual name, for people.
    public String label() {
        return label;
    }

    Cipher open() {
        try {
            return Cipher.getInstance(transformation);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java runtime has no " + transformation, missing);
        }
    }

    SecretKeySpec key(byte[] bytes) {
        if (bytes.length != KEY_LENGTH) {
            throw new IllegalArgumentException("a cipher key has 32 bytes, not " + bytes.length);
        }
        return new SecretKeySpec(bytes, keyAlgorithm);
    }

    AlgorithmParameterSpec nonce(long counter) {
        ByteOrder order = this == AES_256_GCM ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        byte[] nonce = ByteBuffer.allocate(NONCE_LENGTH)
                .order(order)
                .putLong(COUNTER_OFFSET, counter)
                .array();
        return this == AES_256_GCM ? new GCMParameterSpec(8 * TAG_LENGTH, nonce) : new IvParameterSpec(nonce);
    }
}
