package io.skywire.control.routefinder;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.util.List;

/// A way through the network: hops that join end to end, from the source to the destination.
public record Route(List<Hop> hops) {
    public Route {
        hops = List.copyOf(hops);
        if (hops.isEmpty()) {
            throw new IllegalArgumentException("a route has at least one hop");
        }
        for (int i = 1; i < hops.size(); i++) {
            if (!hops.get(i - 1).to().equals(hops.get(i).from())) {
                throw new IllegalArgumentException("hop " + i + " does not start where the one before it ends");
            }
        }
    }

    public PublicKey source() {
        return hops.getFirst().from();
    }

    public PublicKey destination() {
        return hops.getLast().to();
    }

    /// The smallest payload limit of the transports on the route, in bytes.
    public int maxPayload() {
        return hops.stream().mapToInt(Hop::maxPayload).min().orElseThrow();
    }

    /// One transport in one direction.
    public record Hop(TransportId transport, PublicKey from, PublicKey to, int maxPayload) {}
}
