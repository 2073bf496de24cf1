package io.skywire.node.letters;

import io.skywire.node.wire.BadFrameException;

/// Takes the plaintext of each frame of a session, in order.
@FunctionalInterface
public interface FrameSink {
    /// Letters back to back, to be walked with [LetterLayout#check]. The array is the reader's: it may be changed
    /// within the letters and is not kept.
    ///
    /// @throws BadFrameException if these are no letters, or such must not arrive here
    void frame(byte[] plain, int length) throws BadFrameException;
}
