package io.skywire.control.blame;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import java.util.Optional;
import java.util.Set;

/// A route, or the plan of one, has failed, and these may be to blame. Publish it inside the transaction that takes the
/// route back: it is heard after the commit.
///
/// @param accuser the node without which there would be no such fault: whose setup it was. Whatever it does, it counts
///     only so much against anybody. Empty if no single node could have brought it about against a stranger
/// @param suspects at least one
public record RouteFault(RouteUid route, Optional<PublicKey> accuser, FaultKind kind, Set<Subject> suspects) {
    public RouteFault {
        suspects = Set.copyOf(suspects);
        if (suspects.isEmpty()) {
            throw new IllegalArgumentException("a fault of nobody: route " + route + ", " + kind);
        }
    }
}
