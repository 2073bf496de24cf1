package io.skywire.shared.rule;

import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/// The bytes of a [RuleDelta] with the setup key's signature. The bytes are verified before they are parsed.
///
/// Signed: SHA-256("skywire rule delta v1" | 0x00 | delta bytes). One signature for a whole delta.
public final class SignedRuleDelta {
    private static final byte[] DOMAIN = "skywire rule delta v1\0".getBytes(StandardCharsets.US_ASCII);

    private final byte[] delta;
    private final byte[] setupKey;
    private final byte[] signature;

    private SignedRuleDelta(byte[] delta, byte[] setupKey, byte[] signature) {
        this.delta = delta;
        this.setupKey = setupKey;
        this.signature = signature;
    }

    public static SignedRuleDelta sign(RuleDelta delta, KeyPair setupKey) {
        byte[] bytes = RuleProtos.toProto(delta).toByteArray();
        return new SignedRuleDelta(
                bytes,
                setupKey.publicKey().bytes(),
                setupKey.sign(signedBytes(bytes)).bytes());
    }

    /// Any bytes from the network; nothing is checked yet.
    public static SignedRuleDelta of(byte[] delta, byte[] setupKey, byte[] signature) {
        return new SignedRuleDelta(delta.clone(), setupKey.clone(), signature.clone());
    }

    /// What a node may apply, or why not. Whether the revision fits is the table's question, not asked here.
    public Verification verify(PublicKey node, Set<PublicKey> whitelist) {
        PublicKey signer;
        Signature proof;
        try {
            signer = PublicKey.of(setupKey);
            proof = Signature.of(signature);
        } catch (InvalidKeyException malformed) {
            return new Verification.Refused(Refusal.MALFORMED, String.valueOf(malformed.getMessage()));
        }
        if (!whitelist.contains(signer)) {
            return new Verification.Refused(
                    Refusal.UNLISTED_SIGNER, "setup key " + signer.hex() + " is not in this node's whitelist");
        }
        if (!signer.verifies(proof, signedBytes(delta))) {
            return new Verification.Refused(
                    Refusal.BAD_SIGNATURE, "the signature is not setup key " + signer.shortHex() + "'s");
        }
        RuleDelta parsed;
        try {
            parsed = RuleProtos.parseDelta(delta);
        } catch (IllegalArgumentException malformed) {
            return new Verification.Refused(Refusal.MALFORMED, String.valueOf(malformed.getMessage()));
        }
        if (!parsed.node().equals(node)) {
            return new Verification.Refused(
                    Refusal.OTHER_NODE, "the delta is for node " + parsed.node().shortHex());
        }
        return new Verification.Trusted(parsed);
    }

    public byte[] delta() {
        return delta.clone();
    }

    public byte[] setupKey() {
        return setupKey.clone();
    }

    public byte[] signature() {
        return signature.clone();
    }

    private static byte[] signedBytes(byte[] delta) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(DOMAIN.length + delta.length);
        bytes.writeBytes(DOMAIN);
        bytes.writeBytes(delta);
        return bytes.toByteArray();
    }

    /// The outcome of [#verify].
    public sealed interface Verification {
        record Trusted(RuleDelta delta) implements Verification {}

        record Refused(Refusal refusal, String detail) implements Verification {}
    }

    /// Why a signed delta is not even looked into.
    public enum Refusal {
        UNLISTED_SIGNER,
        BAD_SIGNATURE,
        OTHER_NODE,
        MALFORMED
    }
}
