package io.skywire.control.identity;

import io.skywire.shared.key.PublicKey;
import java.util.List;
import java.util.Map;

/// The nodes that have ever proved their key in a session. Safe for any thread; every call is one short statement.
///
/// While the database is away the calls throw Spring's `DataAccessException`.
public interface NodeDirectory {
    /// The node has just proved its key. The first time publishes [NodeJoined] in the transaction.
    ///
    /// @param software name and version as the node tells them, for people; cut to 100 characters
    void seen(PublicKey node, String software);

    /// These nodes have just proved their keys, each with its software; as [#seen(PublicKey, String)], but one
    /// statement for all of them.
    default void seen(Map<PublicKey, String> software) {
        software.forEach(this::seen);
    }

    /// Whether the node has ever proved its key.
    boolean isKnown(PublicKey node);

    long count();

    /// Every known node, in the order of their keys.
    List<PublicKey> all();
}
