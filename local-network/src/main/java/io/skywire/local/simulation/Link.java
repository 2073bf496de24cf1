package io.skywire.local.simulation;

import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportId;

/// A link between two agents that both have signed.
public record Link(SignedTransport signed, SimulatedAgent one, SimulatedAgent other) {
    public TransportId id() {
        return signed.id();
    }
}
