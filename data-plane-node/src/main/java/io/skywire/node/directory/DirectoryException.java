package io.skywire.node.directory;

/// The messaging discovery did not do what it was asked. The message says what it answered, or why there was no answer.
public final class DirectoryException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /// What the caller may do about it.
    public enum Kind {
        /// Nobody answers, or not in time, or not now: ask again later.
        AWAY,
        /// The document's sequence or time stamp is not newer than what the discovery knows of the key.
        OUTDATED,
        /// It was understood and will be refused again.
        REFUSED,
        /// An answer that is none, or one that is too long.
        NONSENSE
    }

    DirectoryException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
