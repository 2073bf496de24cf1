package io.skywire.node.messaging;

import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What an operator sees of a mailbox.
///
/// @param sessions with each server, whether it stands or not
/// @param problems what an operator should act on, in words; empty when all is well
/// @param published when the discovery took the newest entry
/// @param observedAddress host:port from which a server saw us come
/// @param lettersIn letters that arrived; `lettersOut` that were sent
public record MailboxStatus(
        List<Session> sessions,
        List<String> problems,
        Optional<Instant> published,
        Optional<String> observedAddress,
        long lettersIn,
        long lettersOut,
        Map<LocalDrop, Long> dropped,
        Map<SessionEnd, Long> ends) {
    public MailboxStatus {
        sessions = List.copyOf(sessions);
        problems = List.copyOf(problems);
        dropped = Map.copyOf(dropped);
        ends = Map.copyOf(ends);
    }

    /// One session, or the attempt at one.
    public record Session(
            PublicKey server,
            String address,
            State state,
            Kind kind,
            Optional<Instant> since,
            Optional<Duration> roundTrip) {}

    public enum State {
        OPENING,
        UP,
        /// The server is about to end.
        LEAVING
    }

    /// Why there is this session.
    public enum Kind {
        /// One of those where this node waits for letters; the discovery says so.
        OWN,
        /// Opened for letters to a peer that waits there.
        PEERS
    }
}
