package io.skywire.control.directory;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.node.NodeFacts.Visibility;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A node as others may read it.
///
/// @param software as the node tells it; empty if it never did
/// @param addresses as they were told, none unless it is public
/// @param lastSeen its last sign of life, to a few minutes
/// @param dialledAt when it was last dialled back
record ListedNode(
        PublicKey node,
        String software,
        Visibility visibility,
        List<String> addresses,
        boolean online,
        Optional<Instant> lastSeen,
        Reachability reachability,
        Optional<Instant> dialledAt) {}
