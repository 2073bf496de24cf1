package io.skywire.local.simulation;

import io.skywire.shared.key.PublicKey;

/// Hears that a node has rules that it had not before. Called under the agent's lock, so it must not stay.
@FunctionalInterface
public interface Applied {
    Applied NOBODY = (node, revision) -> {};

    void applied(PublicKey node, long revision);
}
