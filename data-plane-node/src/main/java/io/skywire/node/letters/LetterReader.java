package io.skywire.node.letters;

import io.netty.buffer.ByteBuf;
import io.skywire.node.wire.BadFrameException;
import io.skywire.node.wire.FrameLayout;
import io.skywire.shared.noise.CipherState;
import io.skywire.shared.noise.ForgedFrameException;
import io.skywire.shared.noise.LinkCipher;
import org.jspecify.annotations.Nullable;

/// Takes the bytes of a session apart into opened frames. Only on the loop of its [Workspace].
///
/// A frame that lies whole in the buffer is copied once and opened. Of one that does not, what has come is kept in an
/// array on loan, which grows with what came and not with what was announced.
///
/// After a [BadFrameException] the reader refuses everything.
public final class LetterReader {
    private static final int LEAST = LinkCipher.TAG_LENGTH + LetterLayout.OWN_HEAD;

    private final CipherState opening;
    private final Workspace workspace;
    private byte @Nullable [] partial;
    private int have;
    private boolean broken;
    private long frames;

    /// What became of a read.
    public enum Outcome {
        TAKEN,
        /// There was no room to keep the beginning of a frame: the session has to end.
        NO_ROOM
    }

    public LetterReader(CipherState opening, Workspace workspace) {
        this.opening = opening;
        this.workspace = workspace;
    }

    /// Reads all of `in`, which stays the caller's.
    ///
    /// @throws BadFrameException if a frame does not authenticate or is too short, or the sink said so
    public Outcome read(ByteBuf in, FrameSink sink) throws BadFrameException {
        if (broken) {
            throw new BadFrameException("an earlier frame of this session was refused");
        }
        broken = true; // until the end is reached without an exception
        while (in.isReadable()) {
            if (have == 0 && in.readableBytes() >= FrameLayout.LENGTH_PREFIX) {
                int length = checked(in.getUnsignedShort(in.readerIndex()));
                if (in.readableBytes() >= FrameLayout.LENGTH_PREFIX + length) {
                    byte[] sealed = workspace.sealedIn();
                    in.skipBytes(FrameLayout.LENGTH_PREFIX).readBytes(sealed, 0, length);
                    open(sealed, 0, length, sink);
                    continue;
                }
            }
            if (!gather(in, sink)) {
                return Outcome.NO_ROOM;
            }
        }
        broken = false;
        return Outcome.TAKEN;
    }

    private boolean gather(ByteBuf in, FrameSink sink) throws BadFrameException {
        int need = FrameLayout.LENGTH_PREFIX;
        byte[] kept = partial;
        if (kept != null && have >= need) {
            need += length(kept);
        }
        int taken = Math.min(need - have, in.readableBytes());
        if (kept == null || kept.length < have + taken) {
            kept = larger(kept, have + taken);
            if (kept == null) {
                return false;
            }
        }
        in.readBytes(kept, have, taken);
        have += taken;
        if (have == FrameLayout.LENGTH_PREFIX) {
            checked(length(kept));
        } else if (have == need && need > FrameLayout.LENGTH_PREFIX) {
            // The array goes back only after it was read: the sink may take arrays itself.
            open(kept, FrameLayout.LENGTH_PREFIX, need - FrameLayout.LENGTH_PREFIX, sink);
            dropPartial();
        }
        return true;
    }

    private byte @Nullable [] larger(byte @Nullable [] before, int need) {
        byte[] array = workspace.take(need);
        if (!workspace.reserve(array.length)) {
            workspace.give(array);
            return null;
        }
        if (before != null) {
            System.arraycopy(before, 0, array, 0, have);
            workspace.release(before.length);
            workspace.give(before);
        }
        partial = array;
        return array;
    }

    private void open(byte[] sealed, int offset, int length, FrameSink sink) throws BadFrameException {
        byte[] plain = workspace.plain();
        int opened;
        try {
            opened = opening.open(sealed, offset, length, plain, 0);
        } catch (ForgedFrameException forged) {
            throw new BadFrameException(String.valueOf(forged.getMessage()));
        }
        frames++;
        sink.frame(plain, opened);
    }

    private void dropPartial() {
        byte[] kept = partial;
        partial = null;
        have = 0;
        if (kept != null) {
            workspace.release(kept.length);
            workspace.give(kept);
        }
    }

    /// Frames opened so far.
    public long frames() {
        return frames;
    }

    /// Whether the beginning of a frame waits for its rest.
    public boolean isInFrame() {
        return have > 0;
    }

    /// Gives back what is on loan. The session is over.
    public void close() {
        broken = true;
        dropPartial();
    }

    private static int length(byte[] prefixed) {
        return (prefixed[0] & 0xff) << 8 | (prefixed[1] & 0xff);
    }

    private static int checked(int length) throws BadFrameException {
        if (length < LEAST) {
            throw new BadFrameException("a frame of " + length + " bytes holds no letter");
        }
        return length;
    }
}
