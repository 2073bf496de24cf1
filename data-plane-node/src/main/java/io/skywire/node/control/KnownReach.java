package io.skywire.node.control;

import io.skywire.shared.key.PublicKey;
import java.util.Set;

/// Which nodes can be dialled and which cannot, as the control plane's directory has it. Of all others nothing is
/// known.
public record KnownReach(Set<PublicKey> reachable, Set<PublicKey> unreachable) {
    public static final KnownReach NOTHING = new KnownReach(Set.of(), Set.of());

    public KnownReach {
        reachable = Set.copyOf(reachable);
        unreachable = Set.copyOf(unreachable);
    }
}
