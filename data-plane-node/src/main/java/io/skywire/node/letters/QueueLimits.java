package io.skywire.node.letters;

/// How much may wait for one session's socket, in bytes: in all, and of one flow.
public record QueueLimits(int session, int flow) {
    public QueueLimits {
        if (flow < LetterLayout.MAX_LETTER || session < flow) {
            throw new IllegalArgumentException("a flow holds at least a letter of " + LetterLayout.MAX_LETTER
                    + " bytes, a session at least a flow, not " + flow + " and " + session);
        }
    }
}
