package io.skywire.shared.noise;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Noise's SymmetricState: the chaining key, the transcript hash and the current handshake key. Not thread-safe.
///
/// Method names are those of the Noise specification, section 5.2. The cipher of the handshake is always
/// ChaCha20-Poly1305, the hash SHA-256.
final class SymmetricState {
    private static final LinkCipher CIPHER = LinkCipher.CHACHA20_POLY1305;
    private static final int HASH_LENGTH = 32;

    private byte[] chainingKey;
    private byte[] hash;
    private byte @Nullable [] key; // none before the first mixKey
    private long counter;

    private SymmetricState(byte[] chainingKey, byte[] hash, byte @Nullable [] key, long counter) {
        this.chainingKey = chainingKey;
        this.hash = hash;
        this.key = key;
        this.counter = counter;
    }

    static SymmetricState initialize(String protocolName) {
        byte[] name = protocolName.getBytes(StandardCharsets.US_ASCII);
        byte[] hash = name.length <= HASH_LENGTH ? Arrays.copyOf(name, HASH_LENGTH) : sha256(name);
        return new SymmetricState(hash, hash, null, 0);
    }

    /// Arrays are replaced and never changed, so a copy may share them.
    SymmetricState copy() {
        return new SymmetricState(chainingKey, hash, key, counter);
    }

    void mixHash(byte[] data) {
        hash = sha256(hash, data);
    }

    void mixKey(byte[] sharedSecret) {
        byte[][] keys = hkdf(chainingKey, sharedSecret);
        chainingKey = keys[0];
        key = keys[1];
        counter = 0;
    }

    byte[] encryptAndHash(byte[] plain) {
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE).doFinal(plain);
            counter++;
            mixHash(sealed);
            return sealed;
        } catch (GeneralSecurityException bug) {
            throw new IllegalStateException("cannot seal a handshake message", bug);
        }
    }

    byte[] decryptAndHash(byte[] sealed) throws AEADBadTagException {
        try {
            byte[] plain = cipher(Cipher.DECRYPT_MODE).doFinal(sealed);
            counter++;
            mixHash(sealed);
            return plain;
        } catch (AEADBadTagException forged) {
            throw forged;
        } catch (GeneralSecurityException bug) {
            throw new IllegalStateException("cannot open a handshake message", bug);
        }
    }

    /// The keys of the transport phase: what the initiator sends with, what the responder sends with.
    byte[][] split() {
        return hkdf(chainingKey, new byte[0]);
    }

    byte[] chainingKey() {
        return chainingKey.clone();
    }

    private Cipher cipher(int mode) throws GeneralSecurityException {
        byte[] current = key;
        if (current == null) {
            throw new IllegalStateException("XK never seals before its first key agreement");
        }
        Cipher jca = CIPHER.open();
        jca.init(mode, CIPHER.key(current), CIPHER.nonce(counter));
        jca.updateAAD(hash);
        return jca;
    }

    private static byte[][] hkdf(byte[] salt, byte[] input) {
        byte[] temporary = hmac(salt, input);
        byte[] first = hmac(temporary, new byte[] {1});
        byte[] second = hmac(temporary, first, new byte[] {2});
        return new byte[][] {first, second};
    }

    private static byte[] hmac(byte[] key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    private static byte[] sha256(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
