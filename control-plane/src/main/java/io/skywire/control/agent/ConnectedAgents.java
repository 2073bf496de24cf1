package io.skywire.control.agent;

import io.skywire.shared.key.PublicKey;

/// The agents that have a proven session with this replica. Safe for any thread.
public interface ConnectedAgents {
    int count();

    boolean isConnected(PublicKey node);
}
