package io.skywire.control.topology;

/// Gives the newest snapshot.
public interface TopologySource {
    /// Never blocks, never locks.
    Topology current();

    /// The snapshot with every change that this replica had committed before the call, so that somebody who has just
    /// registered a transport finds it. Waits some milliseconds for the building if there was a change, never long.
    default Topology settled() {
        return current();
    }

    /// Asks whether the truth behind the snapshot can be reached, at most once a second. Whoever is about to say that
    /// something does not exist asks first.
    ///
    /// While it cannot be reached, throws Spring's `DataAccessException` or `TransactionException`.
    default void requireTruth() {}
}
