package io.skywire.node.control;

import com.google.protobuf.ByteString;
import io.skywire.proto.v1.Challenge;
import io.skywire.proto.v1.Hello;
import io.skywire.proto.v1.Proof;
import io.skywire.shared.auth.SessionProof;
import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.Signature;
import io.skywire.shared.rule.RuleTableDigest;
import java.util.Set;
import java.util.random.RandomGenerator;

/// The agent's half of proving keys: says hello, checks the control plane's proof, gives its own. Pure.
final class Handshake {
    private final KeyPair node;
    private final Set<PublicKey> serviceKeys;
    private final byte[] nonce = new byte[SessionProof.NONCE_LENGTH];

    Handshake(KeyPair node, Set<PublicKey> serviceKeys, RandomGenerator random) {
        this.node = node;
        this.serviceKeys = serviceKeys;
        random.nextBytes(nonce);
    }

    Hello hello(String software, long appliedRevision, RuleTableDigest table) {
        return Hello.newBuilder()
                .setNode(ByteString.copyFrom(node.publicKey().bytes()))
                .setNonce(ByteString.copyFrom(nonce))
                .setSoftware(software)
                .setAppliedRevision(appliedRevision)
                .setRulesDigest(ByteString.copyFrom(table.bytes()))
                .build();
    }

    /// @throws ControlPlaneRefused if the other side does not prove a service key from this node's config
    Proof prove(Challenge challenge) throws ControlPlaneRefused {
        PublicKey serviceKey;
        Signature signature;
        byte[] controlNonce = challenge.getNonce().toByteArray();
        try {
            serviceKey = PublicKey.of(challenge.getServiceKey().toByteArray());
            signature = Signature.of(challenge.getSignature().toByteArray());
        } catch (InvalidKeyException malformed) {
            throw new ControlPlaneRefused("the control plane's challenge is malformed: " + malformed.getMessage());
        }
        if (controlNonce.length != SessionProof.NONCE_LENGTH) {
            throw new ControlPlaneRefused("the control plane's nonce has " + controlNonce.length + " bytes");
        }
        if (!serviceKeys.contains(serviceKey)) {
            throw new ControlPlaneRefused(
                    "the control plane proves service key " + serviceKey.hex() + ", which is not in service_keys");
        }
        if (!serviceKey.verifies(signature, SessionProof.ofControlPlane(nonce, controlNonce, node.publicKey()))) {
            throw new ControlPlaneRefused(
                    "the control plane's signature is not service key " + serviceKey.hex() + "'s");
        }
        Signature proof = node.sign(SessionProof.ofAgent(controlNonce, nonce, serviceKey));
        return Proof.newBuilder()
                .setSignature(ByteString.copyFrom(proof.bytes()))
                .build();
    }

    /// The other side is not a control plane that this node trusts.
    static final class ControlPlaneRefused extends Exception {
        private static final long serialVersionUID = 1L;

        ControlPlaneRefused(String message) {
            super(message);
        }
    }
}
