package io.skywire.shared.noise;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/// One direction of a link after its handshake: seals frames at one end or opens them at the other, in order.
///
/// Every frame takes the next counter as its nonce and no counter is used twice. After each 2^20 frames both ends
/// replace the key (Noise REKEY) while the counter goes on. Works from a heap array into another heap array: opening in
/// place leaves the JDK's fast path. Not thread-safe; one instance either seals or opens, never both.
///
/// After a [ForgedFrameException] nothing has moved: the frame that was due still opens. Links end all the same.
public final class CipherState {
    static final long REKEY_INTERVAL = 1L << 20;
    private static final long REKEY_COUNTER = -1L;

    private final LinkCipher cipher;
    private final long rekeyInterval;
    private Cipher jca;
    private SecretKeySpec key;
    private long counter;

    CipherState(LinkCipher cipher, byte[] key, long rekeyInterval, long firstCounter) {
        this.cipher = cipher;
        this.rekeyInterval = rekeyInterval;
        this.counter = firstCounter;
        this.jca = cipher.open();
        this.key = cipher.key(key);
    }

    static CipherState of(LinkCipher cipher, byte[] key) {
        return new CipherState(cipher, key, REKEY_INTERVAL, 0);
    }

    /// The same direction for frames that may be lost or overtake each other: each then names its counter. Before the
    /// first frame only; this instance is of no use after it.
    public DatagramCipher forDatagrams() {
        if (counter != 0) {
            throw new IllegalStateException("frames were sealed or opened in order before");
        }
        counter = REKEY_COUNTER; // refuses every frame
        return new DatagramCipher(cipher, key, rekeyInterval);
    }

    /// Seals `length` bytes and writes `length + TAG_LENGTH` bytes to `target`, another array.
    ///
    /// @return the bytes written
    public int seal(byte[] plain, int offset, int length, byte[] target, int targetOffset) {
        try {
            jca.init(Cipher.ENCRYPT_MODE, key, cipher.nonce(requireCounter()));
            int written = jca.doFinal(plain, offset, length, target, targetOffset);
            advance();
            return written;
        } catch (GeneralSecurityException bug) {
            throw new IllegalStateException("cannot seal " + length + " bytes", bug);
        }
    }

    /// Opens `length` bytes, tag included, and writes `length - TAG_LENGTH` bytes to `target`, another array.
    ///
    /// @return the bytes written
    /// @throws ForgedFrameException if this is not the neighbour's next frame; nothing has moved then
    public int open(byte[] sealed, int offset, int length, byte[] target, int targetOffset)
            throws ForgedFrameException {
        if (length < LinkCipher.TAG_LENGTH) {
            throw new ForgedFrameException("a sealed frame of " + length + " bytes is shorter than its tag");
        }
        try {
            jca.init(Cipher.DECRYPT_MODE, key, cipher.nonce(requireCounter()));
            int written = jca.doFinal(sealed, offset, length, target, targetOffset);
            advance();
            return written;
        } catch (AEADBadTagException forged) {
            jca = cipher.open(); // the old one refuses this nonce from now on
            throw new ForgedFrameException("frame " + Long.toUnsignedString(counter) + " does not authenticate");
        } catch (GeneralSecurityException bug) {
            throw new IllegalStateException("cannot open " + length + " bytes", bug);
        }
    }

    private long requireCounter() {
        if (counter == REKEY_COUNTER) {
            throw new IllegalStateException("all 2^64 - 1 counters of this direction are used");
        }
        return counter;
    }

    private void advance() throws GeneralSecurityException {
        counter++;
        if (Long.remainderUnsigned(counter, rekeyInterval) == 0) {
            rekey();
        }
    }

    private void rekey() throws GeneralSecurityException {
        jca = cipher.open();
        jca.init(Cipher.ENCRYPT_MODE, key, cipher.nonce(REKEY_COUNTER));
        byte[] sealed = jca.doFinal(new byte[LinkCipher.KEY_LENGTH]);
        key = cipher.key(Arrays.copyOf(sealed, LinkCipher.KEY_LENGTH));
        Arrays.fill(sealed, (byte) 0);
        jca = cipher.open();
    }

    @Override
    public String toString() {
        return "CipherState(" + cipher.label() + ", frame " + Long.toUnsignedString(counter) + ")";
    }
}
