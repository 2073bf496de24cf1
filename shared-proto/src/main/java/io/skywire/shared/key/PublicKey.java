package io.skywire.shared.key;

import java.util.Arrays;
import java.util.HexFormat;

/// A node's name: a point of secp256k1 in its 33-byte compressed form, prefix 02 or 03 and then x, big-endian.
///
/// Every instance is a point on the curve; [#of(byte[])] refuses the rest. The order is that of the 33 bytes as an
/// unsigned number, which decides the lower and the higher edge of a transport. Immutable.
public final class PublicKey implements Comparable<PublicKey> {
    public static final int LENGTH = 33;

    /// Letters of the base32 form, short enough for one DNS label.
    public static final int BASE32_LENGTH = 53;

    private final byte[] compressed;
    private final int hash;

    private PublicKey(byte[] compressed) {
        this.compressed = compressed;
        this.hash = Arrays.hashCode(compressed);
    }

    /// @throws InvalidKeyException if the bytes are not 33, have another prefix, have x >= p, or are off the curve
    public static PublicKey of(byte[] compressed) {
        Curve.requirePoint(compressed);
        return new PublicKey(compressed.clone());
    }

    /// The key from its text: 66 hex digits or 53 base32 letters, in either case.
    ///
    /// @throws InvalidKeyException if the text is neither, or the bytes are no key
    public static PublicKey parse(String text) {
        if (text.length() == 2 * LENGTH) {
            try {
                return of(HexFormat.of().parseHex(text));
            } catch (IllegalArgumentException notHex) {
                if (notHex instanceof InvalidKeyException invalid) {
                    throw invalid;
                }
                throw new InvalidKeyException("a public key of 66 characters must be hex: '" + text + "'");
            }
        }
        if (text.length() == BASE32_LENGTH) {
            return of(Base32.decode(text, LENGTH));
        }
        if (text.length() == 2 * SecretKey.LENGTH) {
            // Whoever mixes up the two keys must not find the secret one in a log.
            throw new InvalidKeyException("a public key has 66 hex digits or 53 base32 letters; 64 characters are the"
                    + " length of a secret key, so they are not repeated here");
        }
        throw new InvalidKeyException("a public key has 66 hex digits or 53 base32 letters, not " + text.length()
                + " characters: '" + abbreviate(text) + "'");
    }

    /// Whether `signature` was made over `payload` by this key, with the strict rules of Skywire (low S, recovery id
    /// below 4 that recovers exactly this key).
    public boolean verifies(Signature signature, byte[] payload) {
        return Curve.verify(compressed, Curve.sha256(payload), signature);
    }

    /// A copy of the 33 bytes.
    public byte[] bytes() {
        return compressed.clone();
    }

    /// Writes the 33 bytes at `offset`.
    public void copyTo(byte[] target, int offset) {
        System.arraycopy(compressed, 0, target, offset, LENGTH);
    }

    /// 66 lower-case hex digits.
    public String hex() {
        return HexFormat.of().formatHex(compressed);
    }

    /// 53 lower-case base32 letters (RFC 4648, no padding): the `NAME` of `NAME.sky`.
    public String base32() {
        return Base32.encode(compressed);
    }

    /// The first ten hex digits, for people who read logs.
    public String shortHex() {
        return HexFormat.of().formatHex(compressed, 0, 5);
    }

    @Override
    public int compareTo(PublicKey other) {
        return Arrays.compareUnsigned(compressed, other.compressed);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PublicKey that && Arrays.equals(compressed, that.compressed);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return hex();
    }

    private static String abbreviate(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }
}
