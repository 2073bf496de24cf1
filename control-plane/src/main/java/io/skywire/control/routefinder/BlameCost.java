package io.skywire.control.routefinder;

import io.skywire.control.topology.LinkCost;

/// What blame adds to a price, in **microseconds** as [LinkCost] counts: the surcharge of a node or a transport, made
/// from its score. Pure.
///
/// ```
/// surcharge = min(score * FAILURE, MAX)        score 1.0 is one fresh failure, as BlameSnapshot says
/// ```
/// It is paid once by a route that passes the node or uses the transport, and halves with the score. It is finite: what
/// is blamed is taken when there is no other way, or when the other ways are dearer still. The ends of a route cost
/// nothing, as no choice avoids them; nor does a messaging server that a transport depends on, as what failed there is
/// held against the transport.
final class BlameCost {
    /// What one fresh failure adds: as much as two transports that nobody has measured, so that one failure is reason
    /// enough for a way around, and no reason to go round half of the world.
    static final int FAILURE = 2 * LinkCost.UNMEASURED;

    /// No surcharge is above this, whatever the score.
    static final int MAX = LinkCost.MAX;

    private BlameCost() {}

    /// Always even, as both transports of a node that is passed pay half of its surcharge.
    ///
    /// @param score 0 or more
    static int surcharge(double score) {
        return 2 * (int) Math.min(MAX / 2, Math.round(score * FAILURE / 2));
    }
}
