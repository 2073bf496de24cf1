package io.skywire.control.directory;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.node.NodeFacts;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;

/// What nodes say of themselves in their sessions, and who is there. Safe for any thread.
///
/// While the database is away the calls throw Spring's `DataAccessException` or `TransactionException`.
public interface NodeBook {
    /// The node, which has proved its key, says this of itself now.
    ///
    /// @param software name and version, for people; cut to 100 characters
    void told(PublicKey node, String software, NodeFacts facts);

    /// The node was dialled back at that time.
    void dialled(PublicKey node, Reachability outcome, Instant at);

    /// Which of these nodes could be dialled when it was last tried, as far as that is known.
    Map<PublicKey, Reachability> reachability(Collection<PublicKey> nodes);

    /// These nodes have a session now: credits the current stretch of their uptime, once. To be called more often than
    /// a stretch (300 s) lasts.
    void present(Collection<PublicKey> nodes);
}
