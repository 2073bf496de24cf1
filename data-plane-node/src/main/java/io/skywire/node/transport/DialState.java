package io.skywire.node.transport;

import io.skywire.shared.key.PublicKey;
import java.util.Optional;

/// How one persistent dial is doing, for status. `lastFailure` is for people, and stays after a later success.
public record DialState(PublicKey peer, String address, Phase phase, Optional<String> lastFailure) {
    public enum Phase {
        /// Waits before the next attempt.
        WAITING,
        /// An attempt is under way.
        CONNECTING,
        /// A settled link with the peer is there, whoever dialled it.
        LINKED,
        /// Does not dial until it is told to; a link that the peer opens is LINKED all the same.
        RESTING,
        /// Dials no more.
        STOPPED
    }
}
