package io.skywire.control.platform;

import java.util.Collection;
import java.util.function.IntSupplier;

/// The control planes that run over this database, as far as this one knows. Answers come from memory, renewed each
/// second. Safe for any thread.
///
/// A replica is dead when it has not renewed its row for 5 s by the database's clock. While the database is away nobody
/// can renew, so what was known before stays, and for another 5 s after its return.
public interface Replicas {
    ReplicaId self();

    /// Whether that replica runs. This one always does.
    boolean isAlive(ReplicaId replica);

    /// All replicas that run, this one included.
    Collection<Replica> alive();

    /// Whether the database answers now.
    DatabaseReach reach();

    /// From now on the others hear this number of sessions of this replica.
    void carries(IntSupplier sessions);

    /// Tells the others at once whether this replica takes sessions. It begins [Standing#ASIDE].
    void stand(Standing standing);

    /// Calls `task` on the register's thread each time the database is back after it was away. It must not stay long.
    void onReturn(Runnable task);

    /// @param sessions proven sessions it said it holds
    record Replica(ReplicaId id, int sessions, Standing standing) {}

    enum Standing {
        SERVING,
        /// Still starting, or about to end: it takes no sessions.
        ASIDE
    }
}
