package io.skywire.node.letters;

import java.util.Optional;

/// What a letter is.
public enum LetterKind {
    /// From client to client. The server replaces the addressee's key by the sender's and reads nothing else.
    LETTER(1),
    /// Server to client: a letter to this key could not go on, see [ReturnReason].
    RETURNED(2),
    /// Server to client, first of all.
    WELCOME(16),
    /// Server to client, first and last.
    REFUSED(17),
    PING(18),
    PONG(19),
    /// Server to client: it is about to end.
    MOVE(20),
    /// Server to client: another session claimed this key.
    RIVAL(21);

    private final int number;

    LetterKind(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    static Optional<LetterKind> ofNumber(int number) {
        for (LetterKind kind : values()) {
            if (kind.number == number) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
