package io.skywire.local.simulation.virtual;

/// A defect planted on purpose, for the oracle to find.
enum Flaw {
    /// I1: a relay gets a rule that names an end of the route.
    TELLS_RELAYS_THE_ENDS,
    /// I2: a node obeys any key.
    OBEYS_STRANGERS,
    /// I2: a node puts a rule into its table that nobody signed.
    INVENTS_A_RULE,
    /// I3: the setup node says success without a probe.
    ANSWERS_UNPROBED,
    /// I4: the setup node forgets the removals of a failed setup.
    LEAVES_RULES_BEHIND,
    /// I5: the setup node plans over a transport that one edge alone calls up.
    BELIEVES_ONE_EDGE,
    /// I6: a node empties its table when its control session ends.
    FORGETS_WITHOUT_CONTROL,
    /// I7: the setup node says success before it is written.
    ANSWERS_UNWRITTEN,
    /// I8: a link's queue has no bound.
    QUEUES_WITHOUT_BOUND,
    /// I9: a line of the log has a secret key in it.
    LOGS_A_SECRET
}
