/// A network in virtual time: real routers, rule keepers and signed deltas, joined by links and control sessions that
/// lose, delay, double and corrupt by a seed, and an oracle that watches what must always hold (I1 to I10).
///
/// Start here: [VirtualNetwork] runs what [Conditions] say, [Invariants] is the oracle, [VirtualNode] holds the node's
/// real cores, [Replica] is a small setup node over a [Ledger], [Flaw] are defects planted on purpose.
/// `docs/simulator.md` says how to run it with a seed.
@NullMarked
package io.skywire.local.simulation.virtual;

import org.jspecify.annotations.NullMarked;
