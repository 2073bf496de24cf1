package io.skywire.shared.key;

import java.util.Arrays;
import java.util.HexFormat;

/// A recoverable ECDSA signature: r (32, big-endian), s (32, big-endian), recovery id (1). Immutable.
///
/// An instance has the right length only; whether it is valid is asked with [PublicKey#verifies].
public final class Signature {
    public static final int LENGTH = 65;

    private final byte[] bytes;

    private Signature(byte[] bytes) {
        this.bytes = bytes;
    }

    /// @throws InvalidKeyException if there are not 65 bytes
    public static Signature of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new InvalidKeyException("a signature has 65 bytes, not " + bytes.length);
        }
        return new Signature(bytes.clone());
    }

    /// @throws InvalidKeyException if the text is not 130 hex digits
    public static Signature parse(String hex) {
        if (hex.length() != 2 * LENGTH) {
            throw new InvalidKeyException("a signature has 130 hex digits, not " + hex.length() + " characters");
        }
        try {
            return new Signature(HexFormat.of().parseHex(hex));
        } catch (IllegalArgumentException notHex) {
            throw new InvalidKeyException("a signature of 130 characters must be hex");
        }
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    public String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    byte[] raw() {
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Signature that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return hex();
    }
}
