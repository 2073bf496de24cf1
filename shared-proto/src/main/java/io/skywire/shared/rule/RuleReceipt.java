package io.skywire.shared.rule;

import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// What a node signs when it has applied a delta without refusing a rule of it: that it held these rules at that
/// revision can be shown later.
///
/// Signed by the node key: SHA-256 of
/// ```
/// ┌───────────────────────────┬──────┬─────────┬──────────────┬────────────────────────┐
/// │ "skywire rule receipt v1" │ 0x00 │ node 33 │ revision u64 │ SHA-256(delta bytes) 32│
/// └───────────────────────────┴──────┴─────────┴──────────────┴────────────────────────┘
/// ```
public final class RuleReceipt {
    /// Of a digest, in bytes.
    public static final int DIGEST_LENGTH = 32;

    private static final byte[] DOMAIN = "skywire rule receipt v1\0".getBytes(StandardCharsets.US_ASCII);

    private RuleReceipt() {}

    /// @param delta the bytes of the delta as the setup key signed them
    public static Signature sign(KeyPair node, long revision, byte[] delta) {
        return node.sign(signedBytes(node.publicKey(), revision, digest(delta)));
    }

    /// Whether these bytes are that node's receipt for the delta.
    public static boolean isSigned(PublicKey node, long revision, byte[] delta, byte[] signature) {
        try {
            return node.verifies(Signature.of(signature), signedBytes(node, revision, digest(delta)));
        } catch (InvalidKeyException malformed) {
            return false;
        }
    }

    /// SHA-256 of the delta bytes.
    public static byte[] digest(byte[] delta) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(delta);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private static byte[] signedBytes(PublicKey node, long revision, byte[] digest) {
        return ByteBuffer.allocate(DOMAIN.length + PublicKey.LENGTH + Long.BYTES + DIGEST_LENGTH)
                .put(DOMAIN)
                .put(node.bytes())
                .putLong(revision)
                .put(digest)
                .array();
    }
}
