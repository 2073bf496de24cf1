package io.skywire.control.agent;

import com.google.protobuf.ByteString;
import io.skywire.control.rules.HeldRules;
import io.skywire.proto.v1.Challenge;
import io.skywire.proto.v1.Hello;
import io.skywire.proto.v1.Proof;
import io.skywire.shared.auth.SessionProof;
import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import io.skywire.shared.rule.RuleTableDigest;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The proof of keys, pure: `Hello` begins it, `Proof` ends it. After a [Refusal] the session is over.
final class Handshake {
    private static final int MAX_SOFTWARE = 200;

    private final KeyPair service;
    private final PublicKey node;
    private final byte[] agentNonce;
    private final byte[] controlNonce;
    private final String software;
    private final HeldRules held;

    private Handshake(
            KeyPair service, PublicKey node, byte[] agentNonce, byte[] controlNonce, String software, HeldRules held) {
        this.service = service;
        this.node = node;
        this.agentNonce = agentNonce;
        this.controlNonce = controlNonce;
        this.software = software;
        this.held = held;
    }

    static Handshake begin(Hello hello, KeyPair service, RandomGenerator random) throws Refusal {
        PublicKey node;
        try {
            node = PublicKey.of(hello.getNode().toByteArray());
        } catch (InvalidKeyException notAKey) {
            throw Refusal.unproven(String.valueOf(notAKey.getMessage()));
        }
        byte[] agentNonce = hello.getNonce().toByteArray();
        if (agentNonce.length != SessionProof.NONCE_LENGTH) {
            throw Refusal.malformed(
                    "the nonce of Hello has " + SessionProof.NONCE_LENGTH + " bytes, not " + agentNonce.length);
        }
        if (hello.getSoftware().length() > MAX_SOFTWARE) {
            throw Refusal.malformed("the software of Hello has at most " + MAX_SOFTWARE + " characters");
        }
        HeldRules held;
        try {
            byte[] digest = hello.getRulesDigest().toByteArray();
            held = new HeldRules(
                    hello.getAppliedRevision(),
                    digest.length == 0 ? Optional.empty() : Optional.of(RuleTableDigest.parse(digest)));
        } catch (IllegalArgumentException impossible) {
            throw Refusal.malformed(String.valueOf(impossible.getMessage()));
        }
        byte[] controlNonce = new byte[SessionProof.NONCE_LENGTH];
        random.nextBytes(controlNonce);
        return new Handshake(service, node, agentNonce, controlNonce, hello.getSoftware(), held);
    }

    Challenge challenge() {
        Signature signature = service.sign(SessionProof.ofControlPlane(agentNonce, controlNonce, node));
        return Challenge.newBuilder()
                .setServiceKey(ByteString.copyFrom(service.publicKey().bytes()))
                .setNonce(ByteString.copyFrom(controlNonce))
                .setSignature(ByteString.copyFrom(signature.bytes()))
                .build();
    }

    /// Returns if the node's key made the proof.
    void prove(Proof proof) throws Refusal {
        Signature signature;
        try {
            signature = Signature.of(proof.getSignature().toByteArray());
        } catch (InvalidKeyException notASignature) {
            throw Refusal.unproven(String.valueOf(notASignature.getMessage()));
        }
        if (!node.verifies(signature, SessionProof.ofAgent(controlNonce, agentNonce, service.publicKey()))) {
            throw Refusal.unproven("the proof was not made by node " + node.hex() + " for this challenge");
        }
    }

    PublicKey node() {
        return node;
    }

    String software() {
        return software;
    }

    HeldRules held() {
        return held;
    }
}
