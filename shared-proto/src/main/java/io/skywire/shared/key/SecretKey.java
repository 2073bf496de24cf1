package io.skywire.shared.key;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/// A secret scalar of secp256k1, 32 bytes big-endian, 0 < d < n. Never prints itself; compares in constant time.
///
/// [#destroy()] wipes the bytes held here; a destroyed key refuses to be used. Not for concurrent destruction.
public final class SecretKey {
    public static final int LENGTH = 32;

    private final byte[] bytes;
    private volatile boolean destroyed;

    private SecretKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /// @throws InvalidKeyException if the bytes are not 32 or the number is not between 0 and the curve's order
    public static SecretKey of(byte[] bytes) {
        Curve.requireScalar(bytes);
        return new SecretKey(bytes.clone());
    }

    /// @throws InvalidKeyException if the text is not 64 hex digits of a valid scalar; the text is not repeated
    public static SecretKey parse(String hex) {
        if (hex.length() != 2 * LENGTH) {
            throw new InvalidKeyException("a secret key has 64 hex digits, not " + hex.length() + " characters");
        }
        byte[] bytes;
        try {
            bytes = HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException notHex) {
            throw new InvalidKeyException("a secret key of 64 characters must be hex");
        }
        try {
            return of(bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /// The 64 hex digits, for the one place that writes the key file. Called `reveal` so that a reader stops at it.
    public String revealHex() {
        requireAlive();
        return HexFormat.of().formatHex(bytes);
    }

    BigInteger scalar() {
        requireAlive();
        return new BigInteger(1, bytes);
    }

    public void destroy() {
        destroyed = true;
        Arrays.fill(bytes, (byte) 0);
    }

    private void requireAlive() {
        if (destroyed) {
            throw new IllegalStateException("this secret key was destroyed");
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SecretKey that && MessageDigest.isEqual(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(SecretKey.class); // a hash of the bytes would leak some of them
    }

    @Override
    public String toString() {
        return "SecretKey(hidden)";
    }
}
