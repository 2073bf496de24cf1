package io.skywire.shared.noise;

import io.skywire.shared.key.InvalidKeyException;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.HandshakeException.Reason;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.function.Supplier;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;

/// One side of a `Noise_XK_secp256k1_ChaChaPoly_SHA256` handshake as in BOLT 8, without its version bytes: bytes in,
/// bytes out. Not thread-safe.
///
/// | act | direction | tokens | bytes around the payload |
/// |---|---|---|---|
/// | one | initiator → responder | e, es | 33 + 16 |
/// | two | responder → initiator | e, ee | 33 + 16 |
/// | three | initiator → responder | s, se | 49 + 16 |
///
/// A short or forged message leaves the handshake as it was: the genuine one may still come. What Noise accepted and
/// is wrong all the same ends it; ask [#isDead()]. Reading or writing out of turn is a bug of the caller.
final class NoiseHandshake {
    private static final String PROTOCOL = "Noise_XK_secp256k1_ChaChaPoly_SHA256";
    private static final int ACTS = 3;
    private static final int TAG = LinkCipher.TAG_LENGTH;

    /// Tells who writes the odd acts.
    private enum Role {
        INITIATOR,
        RESPONDER
    }

    private final Role role;
    private final KeyPair self;
    private final Supplier<KeyPair> ephemerals;
    private SymmetricState symmetric;
    private @Nullable KeyPair ephemeral; // this side's, from its first act on
    private @Nullable PublicKey remoteEphemeral; // from the peer's first act on
    private @Nullable PublicKey remote; // the initiator's from the start, the responder's from act three on
    private int acts;
    private boolean dead;

    private NoiseHandshake(
            Role role, KeyPair self, @Nullable PublicKey remote, byte[] prologue, Supplier<KeyPair> ephemerals) {
        this.role = role;
        this.self = self;
        this.remote = remote;
        this.ephemerals = ephemerals;
        this.symmetric = SymmetricState.initialize(PROTOCOL);
        symmetric.mixHash(prologue);
        symmetric.mixHash((remote == null ? self.publicKey() : remote).bytes());
    }

    static NoiseHandshake initiator(KeyPair self, PublicKey peer, byte[] prologue, Supplier<KeyPair> ephemerals) {
        return new NoiseHandshake(Role.INITIATOR, self, peer, prologue, ephemerals);
    }

    static NoiseHandshake responder(KeyPair self, byte[] prologue, Supplier<KeyPair> ephemerals) {
        return new NoiseHandshake(Role.RESPONDER, self, null, prologue, ephemerals);
    }

    /// This side's next act.
    byte[] write(byte[] payload) {
        requireTurn(Role.INITIATOR);
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        if (acts == 2) {
            message.writeBytes(symmetric.encryptAndHash(self.publicKey().bytes()));
            symmetric.mixKey(self.agree(required(remoteEphemeral)));
        } else {
            KeyPair fresh = ephemerals.get();
            ephemeral = fresh;
            message.writeBytes(fresh.publicKey().bytes());
            symmetric.mixHash(fresh.publicKey().bytes());
            symmetric.mixKey(fresh.agree(acts == 0 ? required(remote) : required(remoteEphemeral)));
        }
        message.writeBytes(symmetric.encryptAndHash(payload));
        acts++;
        return message.toByteArray();
    }

    /// Takes the peer's next act and returns its payload.
    ///
    /// @throws HandshakeException if the act is refused; ask [#isDead()] whether another may follow
    byte[] read(byte[] message) throws HandshakeException {
        requireTurn(Role.RESPONDER);
        SymmetricState staged = symmetric.copy();
        try {
            byte[] payload = acts == 2 ? readStatic(message, staged) : readEphemeral(message, staged);
            symmetric = staged;
            acts++;
            return payload;
        } catch (AEADBadTagException forged) {
            throw new HandshakeException(Reason.FORGED, "act " + (acts + 1) + " does not authenticate");
        }
    }

    private byte[] readEphemeral(byte[] message, SymmetricState staged) throws HandshakeException, AEADBadTagException {
        requireLength(message, PublicKey.LENGTH + TAG);
        byte[] key = Arrays.copyOf(message, PublicKey.LENGTH);
        PublicKey theirs;
        try {
            theirs = PublicKey.of(key);
        } catch (InvalidKeyException invalid) {
            throw new HandshakeException(Reason.INVALID_KEY, "act " + (acts + 1) + ": " + invalid.getMessage());
        }
        staged.mixHash(key);
        staged.mixKey((acts == 0 ? self : required(ephemeral)).agree(theirs));
        byte[] payload = staged.decryptAndHash(Arrays.copyOfRange(message, PublicKey.LENGTH, message.length));
        remoteEphemeral = theirs;
        return payload;
    }

    private byte[] readStatic(byte[] message, SymmetricState staged) throws HandshakeException, AEADBadTagException {
        int sealedKey = PublicKey.LENGTH + TAG;
        requireLength(message, sealedKey + TAG);
        PublicKey theirs;
        try {
            theirs = PublicKey.of(staged.decryptAndHash(Arrays.copyOf(message, sealedKey)));
        } catch (InvalidKeyException invalid) {
            dead = true; // authentic, so no better act three can follow
            throw new HandshakeException(Reason.INVALID_KEY, "act 3: " + invalid.getMessage());
        }
        staged.mixKey(required(ephemeral).agree(theirs));
        byte[] payload = staged.decryptAndHash(Arrays.copyOfRange(message, sealedKey, message.length));
        remote = theirs;
        return payload;
    }

    boolean isDead() {
        return dead;
    }

    boolean isDone() {
        return acts == ACTS;
    }

    /// The peer's static key: proven once the handshake is done.
    PublicKey remote() {
        return required(remote);
    }

    /// The two keys of the transport phase, seen from this side.
    Keys split() {
        if (!isDone()) {
            throw new IllegalStateException("the handshake has done " + acts + " of " + ACTS + " acts");
        }
        byte[][] keys = symmetric.split();
        return role == Role.INITIATOR ? new Keys(keys[0], keys[1]) : new Keys(keys[1], keys[0]);
    }

    byte[] chainingKey() {
        return symmetric.chainingKey();
    }

    private void requireTurn(Role firstAct) {
        boolean mine = (role == firstAct) == (acts % 2 == 0);
        if (dead || isDone() || !mine) {
            throw new IllegalStateException("not this side's turn after " + acts + " acts" + (dead ? ", dead" : ""));
        }
    }

    private void requireLength(byte[] message, int least) throws HandshakeException {
        if (message.length < least) {
            throw new HandshakeException(
                    Reason.WRONG_LENGTH,
                    "act " + (acts + 1) + " has at least " + least + " bytes, not " + message.length);
        }
    }

    private static <T> T required(@Nullable T known) {
        if (known == null) {
            throw new IllegalStateException("the handshake has not come this far");
        }
        return known;
    }

    /// What this side sends with and what it receives with. Never prints itself.
    static final class Keys {
        private final byte[] send;
        private final byte[] receive;

        private Keys(byte[] send, byte[] receive) {
            this.send = send;
            this.receive = receive;
        }

        byte[] send() {
            return send;
        }

        byte[] receive() {
            return receive;
        }
    }
}
