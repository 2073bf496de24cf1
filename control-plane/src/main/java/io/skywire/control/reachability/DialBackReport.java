package io.skywire.control.reachability;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How it went when a node asked to be dialled back.
///
/// @param seen where its session comes from
/// @param dialled one for each address it named, in their order; none if it asks too often
/// @param retryAfter how long to wait if it asks too often
public record DialBackReport(InetAddress seen, List<Dialled> dialled, Optional<Duration> retryAfter) {
    public DialBackReport {
        dialled = List.copyOf(dialled);
    }

    /// @param asked as the node named it
    /// @param target what was dialled, `host:port`; empty if nothing was
    /// @param detail for people
    public record Dialled(String asked, String target, Outcome outcome, String detail) {}

    public enum Outcome {
        /// Who listens there proved the node's key.
        REACHABLE,
        /// Nobody listens, or the way there is closed.
        REFUSED,
        /// No connection, or no proof, within the deadline.
        TIMED_OUT,
        /// Somebody listens who did not prove the node's key.
        OTHER_KEY,
        /// No such address is dialled.
        FORBIDDEN,
        /// As many dials as allowed are under way.
        BUSY
    }
}
