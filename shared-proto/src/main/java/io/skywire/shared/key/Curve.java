package io.skywire.shared.key;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.bouncycastle.util.BigIntegers;

/// secp256k1 by Bouncy Castle: the only place that knows the library. Stateless.
final class Curve {
    /// Bouncy Castle's own field arithmetic for this curve: several times faster than the generic one.
    private static final X9ECParameters CURVE = CustomNamedCurves.getByName("secp256k1");
    private static final BigInteger P = CURVE.getCurve().getField().getCharacteristic();
    private static final BigInteger N = CURVE.getN();
    private static final BigInteger HALF_N = N.shiftRight(1);

    private Curve() {}

    static byte[] sha256(byte[] payload) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(payload);
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    static boolean isScalar(byte[] bytes) {
        BigInteger d = new BigInteger(1, bytes);
        return d.signum() > 0 && d.compareTo(N) < 0;
    }

    static void requireScalar(byte[] bytes) {
        if (bytes.length != SecretKey.LENGTH) {
            throw new InvalidKeyException("a secret key has 32 bytes, not " + bytes.length);
        }
        if (!isScalar(bytes)) {
            throw new InvalidKeyException("a secret key must be above 0 and below the order of the curve");
        }
    }

    static void requirePoint(byte[] compressed) {
        point(compressed);
    }

    /// Cheap checks first: only bytes of the right shape cost a square root.
    private static ECPoint point(byte[] compressed) {
        if (compressed.length != PublicKey.LENGTH) {
            throw new InvalidKeyException("a public key has 33 bytes, not " + compressed.length);
        }
        if (compressed[0] != 2 && compressed[0] != 3) {
            throw new InvalidKeyException(
                    "a compressed public key starts with 02 or 03, not " + String.format("%02x", compressed[0]));
        }
        if (new BigInteger(1, compressed, 1, 32).compareTo(P) >= 0) {
            throw new InvalidKeyException("the x of a public key must be below the field's prime");
        }
        try {
            return CURVE.getCurve().decodePoint(compressed);
        } catch (IllegalArgumentException offCurve) {
            throw new InvalidKeyException("the public key is not a point of the curve");
        }
    }

    static byte[] multiplyBase(BigInteger d) {
        return new FixedPointCombMultiplier()
                .multiply(CURVE.getG(), d)
                .normalize()
                .getEncoded(true);
    }

    static byte[] multiply(byte[] compressed, BigInteger d) {
        return point(compressed).multiply(d).normalize().getEncoded(true);
    }

    static Signature sign(BigInteger d, byte[] digest) {
        BigInteger z = new BigInteger(1, digest);
        if (z.signum() == 0) {
            throw new IllegalArgumentException("an all-zero digest is never signed");
        }
        HMacDSAKCalculator nonces = new HMacDSAKCalculator(new SHA256Digest());
        nonces.init(N, d, digest);
        while (true) {
            BigInteger k = nonces.nextK();
            ECPoint point =
                    new FixedPointCombMultiplier().multiply(CURVE.getG(), k).normalize();
            BigInteger x = point.getAffineXCoord().toBigInteger();
            BigInteger r = x.mod(N);
            BigInteger s = BigIntegers.modOddInverse(N, k)
                    .multiply(z.add(d.multiply(r)))
                    .mod(N);
            if (r.signum() == 0 || s.signum() == 0) {
                continue;
            }
            int recovery = (point.getAffineYCoord().testBitZero() ? 1 : 0) | (x.compareTo(N) >= 0 ? 2 : 0);
            if (s.compareTo(HALF_N) > 0) {
                s = N.subtract(s);
                recovery ^= 1;
            }
            byte[] bytes = new byte[Signature.LENGTH];
            BigIntegers.asUnsignedByteArray(r, bytes, 0, 32);
            BigIntegers.asUnsignedByteArray(s, bytes, 32, 32);
            bytes[64] = (byte) recovery;
            return Signature.of(bytes);
        }
    }

    /// The same answer as "recover the key and compare", without the square root of a recovery: the point that
    /// verification computes must be the one that the recovery id names.
    static boolean verify(byte[] compressed, byte[] digest, Signature signature) {
        byte[] bytes = signature.raw();
        BigInteger r = new BigInteger(1, bytes, 0, 32);
        BigInteger s = new BigInteger(1, bytes, 32, 32);
        int recovery = bytes[64];
        if (recovery < 0 || recovery > 3 || r.signum() == 0 || s.signum() == 0) {
            return false;
        }
        if (r.compareTo(N) >= 0 || s.compareTo(HALF_N) > 0) {
            return false;
        }
        BigInteger z = new BigInteger(1, digest);
        if (z.signum() == 0) {
            return false; // over a zero digest anybody can make a signature for any key
        }
        BigInteger inverse = BigIntegers.modOddInverseVar(N, s);
        ECPoint point = ECAlgorithms.sumOfTwoMultiplies(
                        CURVE.getG(),
                        z.multiply(inverse).mod(N),
                        point(compressed),
                        r.multiply(inverse).mod(N))
                .normalize();
        if (point.isInfinity()) {
            return false;
        }
        BigInteger x = point.getAffineXCoord().toBigInteger();
        return x.mod(N).equals(r)
                && point.getAffineYCoord().testBitZero() == ((recovery & 1) == 1)
                && (x.compareTo(N) >= 0) == ((recovery & 2) == 2);
    }
}
