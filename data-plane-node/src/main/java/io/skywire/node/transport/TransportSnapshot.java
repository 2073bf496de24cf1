package io.skywire.node.transport;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// One link at one moment. Counters run from the start of the link; bytes are packet bytes, headers included.
public record TransportSnapshot(
        TransportId id,
        TransportType type,
        PublicKey remote,
        String address,
        Opener opener,
        String cipher,
        Instant since,
        LinkMeasurement measured,
        long packetsIn,
        long bytesIn,
        long packetsOut,
        long bytesOut,
        long packetsDropped,
        long bytesQueued) {
    /// The smoothed round trip, once one was measured.
    public Optional<Duration> roundTrip() {
        return measured.roundTrip();
    }

    /// Which edge dialled.
    public enum Opener {
        US,
        NEIGHBOUR
    }
}
