package io.skywire.shared.key;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/// Key pairs that follow from a seed, as Skycoin's tests make them. For tests only: whoever knows the seed has the key.
///
/// H is SHA-256; step(x) repeats x = H(x) until x is a scalar.
/// ```
///  K(seed) = H( h | step(h) * step(H(h))G )        with h = H(seed)
///  next seed = K(seed);  pair = step(H( seed | next seed ))
/// ```
public final class DeterministicKeys {
    private DeterministicKeys() {}

    /// The first pair of the seed's chain.
    public static KeyPair of(String seed) {
        return next(seed.getBytes(UTF_8)).pair();
    }

    /// One link of the chain: a pair and the seed of the one that follows.
    public record Link(KeyPair pair, byte[] nextSeed) {}

    public static Link next(byte[] seed) {
        byte[] nextSeed = derive(seed);
        return new Link(KeyPair.of(step(Curve.sha256(concat(seed, nextSeed)))), nextSeed);
    }

    private static byte[] derive(byte[] seed) {
        byte[] hash = Curve.sha256(seed);
        PublicKey point = KeyPair.of(step(Curve.sha256(hash))).publicKey();
        return Curve.sha256(
                concat(hash, Curve.multiply(point.bytes(), step(hash).scalar())));
    }

    private static SecretKey step(byte[] start) {
        byte[] candidate = Curve.sha256(start);
        while (!Curve.isScalar(candidate)) {
            candidate = Curve.sha256(candidate);
        }
        return SecretKey.of(candidate);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(first);
        bytes.writeBytes(second);
        return bytes.toByteArray();
    }
}
