package io.skywire.shared.auth;

import io.skywire.shared.key.PublicKey;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// The bytes that the two sides of an agent session sign, so that a proxy which ends TLS cannot stand in for either.
///
/// Each side signs both nonces and the key of the other; the texts in front keep one proof from serving as another.
public final class SessionProof {
    public static final int NONCE_LENGTH = 32;

    private static final String CONTROL = "skywire control hello v1\0";
    private static final String AGENT = "skywire agent proof v1\0";

    private SessionProof() {}

    /// What the control plane's service key signs in `Challenge`.
    public static byte[] ofControlPlane(byte[] agentNonce, byte[] controlNonce, PublicKey node) {
        return concat(CONTROL, agentNonce, controlNonce, node);
    }

    /// What the node's key signs in `Proof`.
    public static byte[] ofAgent(byte[] controlNonce, byte[] agentNonce, PublicKey serviceKey) {
        return concat(AGENT, controlNonce, agentNonce, serviceKey);
    }

    private static byte[] concat(String domain, byte[] first, byte[] second, PublicKey key) {
        if (first.length != NONCE_LENGTH || second.length != NONCE_LENGTH) {
            throw new IllegalArgumentException("a session nonce has " + NONCE_LENGTH + " bytes");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(domain.getBytes(StandardCharsets.US_ASCII));
        bytes.writeBytes(first);
        bytes.writeBytes(second);
        bytes.writeBytes(key.bytes());
        return bytes.toByteArray();
    }
}
