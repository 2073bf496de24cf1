package io.skywire.control.topology;

import io.skywire.control.discovery.TransportUp;
import io.skywire.shared.key.PublicKey;
import java.time.Instant;
import java.util.List;

/// A transport that is up, as the topology takes it in.
///
/// @param relays the messaging servers it depends on: it shares their fate, and they count as nodes on a route over it
public record LiveTransport(TransportUp up, LinkQuality quality, List<PublicKey> relays) {
    public LiveTransport {
        relays = List.copyOf(relays);
    }

    /// A direct transport of which nothing but its round trip is known, measured at `heardAt`.
    public static LiveTransport of(TransportUp up, Instant heardAt) {
        return new LiveTransport(up, new LinkQuality(up.roundTrip(), 0, 0, heardAt), List.of());
    }
}
