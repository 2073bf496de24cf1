package io.skywire.shared.key;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/// A secret key and the public key it belongs to: signs, and agrees on shared secrets. Safe for many threads.
public final class KeyPair {
    private final SecretKey secret;
    private final PublicKey publicKey;

    private KeyPair(SecretKey secret, PublicKey publicKey) {
        this.secret = secret;
        this.publicKey = publicKey;
    }

    public static KeyPair of(SecretKey secret) {
        return new KeyPair(secret, PublicKey.of(Curve.multiplyBase(secret.scalar())));
    }

    /// A fresh pair. Pass a `SecureRandom` unless this is a test.
    public static KeyPair generate(RandomGenerator random) {
        byte[] candidate = new byte[SecretKey.LENGTH];
        while (true) {
            random.nextBytes(candidate);
            if (Curve.isScalar(candidate)) {
                SecretKey secret = SecretKey.of(candidate);
                Arrays.fill(candidate, (byte) 0);
                return of(secret);
            }
        }
    }

    public PublicKey publicKey() {
        return publicKey;
    }

    public SecretKey secret() {
        return secret;
    }

    /// Signs SHA-256 of the payload. Deterministic (RFC 6979), low S.
    public Signature sign(byte[] payload) {
        return Curve.sign(secret.scalar(), Curve.sha256(payload));
    }

    /// The 32-byte shared secret with `peer`: SHA-256 of the compressed shared point, as in BOLT 8.
    public byte[] agree(PublicKey peer) {
        return Curve.sha256(Curve.multiply(peer.bytes(), secret.scalar()));
    }

    @Override
    public String toString() {
        return "KeyPair(" + publicKey.hex() + ")";
    }
}
