package io.skywire.control.topology;

import io.skywire.control.discovery.TransportUp;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.LinkMeasurement;
import java.time.Instant;
import java.util.List;

/// A transport that is up, as the topology takes it in.
///
/// @param relays the messaging servers it depends on: it shares their fate, and they count as nodes on a route over it
public record LiveTransport(TransportUp up, LinkQuality quality, List<PublicKey> relays) {
    public LiveTransport {
        relays = List.copyOf(relays);
    }

    /// As discovery tells it.
    ///
    /// @param heardAt counts as the moment of measuring where nobody told one
    public static LiveTransport of(TransportUp up, Instant heardAt) {
        LinkMeasurement measured = up.measured();
        LinkQuality quality = new LinkQuality(
                measured.roundTrip(),
                measured.loss() / (double) LinkMeasurement.WHOLE,
                measured.load() / (double) LinkMeasurement.WHOLE,
                up.measuredAt().orElse(heardAt));
        return new LiveTransport(up, quality, up.relays());
    }
}
