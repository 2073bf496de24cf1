package io.skywire.control.directory;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.node.NodeFacts;
import java.util.Collection;

/// What nodes say of themselves in their sessions, and who is there. Safe for any thread.
///
/// While the database is away the calls throw Spring's `DataAccessException` or `TransactionException`.
public interface NodeBook {
    /// The node, which has proved its key, says this of itself now.
    ///
    /// @param software name and version, for people; cut to 100 characters
    void told(PublicKey node, String software, NodeFacts facts);

    /// These nodes have a session now: credits the current stretch of their uptime, once. To be called more often than
    /// a stretch (300 s) lasts.
    void present(Collection<PublicKey> nodes);
}
