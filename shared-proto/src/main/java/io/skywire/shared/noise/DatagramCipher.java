package io.skywire.shared.noise;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// One direction of a link whose frames may be lost, doubled or overtaken: every frame names its counter. Seals at one
/// end or opens at the other, never both. Works from a heap array into another one. Not thread-safe.
///
/// No counter is used twice. Counters fall into epochs of 2^20; each epoch's key follows from the one before it (Noise
/// REKEY), so an old one cannot be had from a newer. Frames of the epoch before the newest still open, and one of the
/// next epoch moves on if it authenticates; others are refused like forged ones.
///
/// Opening twice gives the same twice: whoever opens asks a [ReplayWindow] too. After a [ForgedFrameException] nothing
/// has moved.
public final class DatagramCipher {
    private static final long REKEY_COUNTER = -1L;

    private final LinkCipher cipher;
    private final long epochLength;
    private Epoch newest;
    private @Nullable Epoch before; // of the opening side
    private long counter;

    private static final class Epoch {
        private final long number;
        private final SecretKeySpec key;
        private Cipher jca;

        private Epoch(LinkCipher cipher, long number, SecretKeySpec key) {
            this.number = number;
            this.key = key;
            this.jca = cipher.open();
        }
    }

    DatagramCipher(LinkCipher cipher, SecretKeySpec key, long epochLength) {
        this.cipher = cipher;
        this.epochLength = epochLength;
        this.newest = new Epoch(cipher, 0, key);
    }

    /// The counter of the next frame that is sealed.
    public long counter() {
        return counter;
    }

    /// Seals `length` bytes under [#counter()] and writes `length + TAG_LENGTH` bytes to `target`, another array.
    ///
    /// @return the bytes written
    public int seal(byte[] plain, int offset, int length, byte[] target, int targetOffset) {
        if (counter == Long.MAX_VALUE) {
            throw new IllegalStateException("all counters of this direction are used");
        }
        try {
            if (counter / epochLength != newest.number) {
                newest = after(newest);
            }
            newest.jca.init(Cipher.ENCRYPT_MODE, newest.key, cipher.nonce(counter));
            int written = newest.jca.doFinal(plain, offset, length, target, targetOffset);
            counter++;
            return written;
        } catch (GeneralSecurityException bug) {
            throw new IllegalStateException("cannot seal " + length + " bytes", bug);
        }
    }

    /// Opens the frame of that counter: `length` bytes, tag included. Writes `length - TAG_LENGTH` bytes to `target`,
    /// another array.
    ///
    /// @return the bytes written
    /// @throws ForgedFrameException if it is not the neighbour's; nothing has moved then
    public int open(long frame, byte[] sealed, int offset, int length, byte[] target, int targetOffset)
            throws ForgedFrameException {
        if (length < LinkCipher.TAG_LENGTH) {
            throw new ForgedFrameException("a sealed frame of " + length + " bytes is shorter than its tag");
        }
        Epoch epoch = frame < 0 ? null : epoch(frame / epochLength);
        if (epoch == null) {
            throw new ForgedFrameException("frame " + Long.toUnsignedString(frame) + " is far from the others");
        }
        try {
            epoch.jca.init(Cipher.DECRYPT_MODE, epoch.key, cipher.nonce(frame));
            int written = epoch.jca.doFinal(sealed, offset, length, target, targetOffset);
            if (epoch.number > newest.number) {
                before = newest;
                newest = epoch;
            }
            return written;
        } catch (AEADBadTagException forged) {
            epoch.jca = cipher.open(); // the old one refuses this nonce from now on
            throw new ForgedFrameException("frame " + frame + " does not authenticate");
        } catch (GeneralSecurityException bug) {
            throw new IllegalStateException("cannot open " + length + " bytes", bug);
        }
    }

    private @Nullable Epoch epoch(long number) {
        Epoch older = before;
        if (number == newest.number) {
            return newest;
        }
        if (older != null && number == older.number) {
            return older;
        }
        try {
            return number == newest.number + 1 ? after(newest) : null;
        } catch (GeneralSecurityException bug) {
            throw new IllegalStateException("cannot make the key of epoch " + number, bug);
        }
    }

    private Epoch after(Epoch epoch) throws GeneralSecurityException {
        Cipher jca = cipher.open();
        jca.init(Cipher.ENCRYPT_MODE, epoch.key, cipher.nonce(REKEY_COUNTER));
        byte[] sealed = jca.doFinal(new byte[LinkCipher.KEY_LENGTH]);
        SecretKeySpec key = cipher.key(Arrays.copyOf(sealed, LinkCipher.KEY_LENGTH));
        Arrays.fill(sealed, (byte) 0);
        return new Epoch(cipher, epoch.number + 1, key);
    }

    @Override
    public String toString() {
        return "DatagramCipher(" + cipher.label() + ", epoch " + newest.number + ")";
    }
}
