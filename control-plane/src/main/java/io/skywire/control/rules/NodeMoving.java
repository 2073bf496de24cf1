package io.skywire.control.rules;

import io.skywire.shared.key.PublicKey;

/// A node's session here ended before it had answered what was changed here: it gets that in its next session, on
/// whichever replica, and its answer comes from there. Or: a node has just come, and what was changed here before it
/// could be told leaves only now.
public record NodeMoving(PublicKey node) {}
