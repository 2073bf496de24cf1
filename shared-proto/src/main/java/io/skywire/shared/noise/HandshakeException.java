package io.skywire.shared.noise;

/// A handshake message was refused. The message is for people; it holds no secret.
///
/// Whether the handshake survives is asked with [LinkHandshake#isDead()].
public final class HandshakeException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    HandshakeException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /// What was wrong with the message.
    public enum Reason {
        /// Too few or too many bytes for this act.
        WRONG_LENGTH,
        /// Another version of the protocol, or another protocol.
        WRONG_VERSION,
        /// Bytes in the place of a public key that are none.
        INVALID_KEY,
        /// The tag does not fit: forged, replayed, meant for another key, or tampered with on the way.
        FORGED,
        /// Authentic terms that cannot be met: no common cipher, a cipher that was not offered, a payload limit too
        /// low.
        UNACCEPTABLE_TERMS,
        /// The neighbour cannot open act one: it does not hold the key that was dialled. Not authenticated.
        PEER_HAS_OTHER_KEY,
        /// The neighbour refuses for another reason: its version, its load. Not authenticated.
        PEER_REFUSED
    }
}
