package io.skywire.node.transport;

/// Why a letter of another node was not taken. Bounded, so that it labels a metric.
public enum LetterDrop {
    /// No kind of letter that is known, or too short for it.
    MALFORMED,
    /// A frame of a link that does not exist here.
    UNKNOWN_LINK,
    /// A frame that came before, or so late that nobody knows any more.
    REPLAYED,
    /// A frame that its link's key does not open.
    FORGED,
    /// A message of a handshake that is none, or that nobody waits for.
    HANDSHAKE,
    /// As many handshakes as allowed are under way.
    TOO_MANY_HANDSHAKES
}
