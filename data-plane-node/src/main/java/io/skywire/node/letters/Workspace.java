package io.skywire.node.letters;

import io.skywire.node.wire.FrameLayout;
import java.util.ArrayDeque;

/// What all sessions of one event loop share: arrays to open and seal frames in, arrays on loan for what is not
/// finished yet, and two budgets. Only on that loop, but for [#held()] and [#inFlight()].
///
/// An idle session holds no array at all. A session that needs one takes it here and gives it back.
public final class Workspace {
    static final int SMALL = 4 * 1024;
    static final int LARGE = FrameLayout.MAX_FRAME;
    private static final int KEPT_SMALL = 256;
    private static final int KEPT_LARGE = 64;

    private final byte[] sealedIn = new byte[FrameLayout.MAX_FRAME];
    private final byte[] plain = new byte[FrameLayout.MAX_FRAME];
    private final byte[] sealedOut = new byte[FrameLayout.MAX_FRAME];
    private final byte[] letter = new byte[LetterLayout.MAX_LETTER];
    private final ArrayDeque<byte[]> small = new ArrayDeque<>();
    private final ArrayDeque<byte[]> large = new ArrayDeque<>();
    private final long heldLimit;
    private final long inFlightLimit;
    private volatile long held;
    private volatile long inFlight;

    /// @param heldLimit bytes that may wait in queues and unfinished frames
    /// @param inFlightLimit bytes that may lie between the sessions and the kernel, before slow ones get no more
    public Workspace(long heldLimit, long inFlightLimit) {
        this.heldLimit = heldLimit;
        this.inFlightLimit = inFlightLimit;
    }

    byte[] sealedIn() {
        return sealedIn;
    }

    byte[] plain() {
        return plain;
    }

    byte[] sealedOut() {
        return sealedOut;
    }

    byte[] letter() {
        return letter;
    }

    /// An array of at least so many bytes, at most a frame's; its content is old.
    byte[] take(int atLeast) {
        boolean isSmall = atLeast <= SMALL;
        byte[] kept = isSmall ? small.pollFirst() : large.pollFirst();
        return kept != null ? kept : new byte[isSmall ? SMALL : LARGE];
    }

    void give(byte[] array) {
        if (array.length == SMALL && small.size() < KEPT_SMALL) {
            small.addFirst(array);
        } else if (array.length == LARGE && large.size() < KEPT_LARGE) {
            large.addFirst(array);
        }
    }

    /// Asks for room to keep so many bytes for later. Whoever gets it [#release]s it.
    boolean reserve(int bytes) {
        long after = held + bytes;
        if (after > heldLimit) {
            return false;
        }
        held = after; // the loop is the only writer
        return true;
    }

    void release(int bytes) {
        held -= bytes;
    }

    boolean mayWriteMore() {
        return inFlight < inFlightLimit;
    }

    void changeInFlight(long by) {
        inFlight += by;
    }

    /// Bytes that wait in queues and unfinished frames.
    public long held() {
        return held;
    }

    /// Bytes that sessions have written and the kernel has not taken yet.
    public long inFlight() {
        return inFlight;
    }
}
