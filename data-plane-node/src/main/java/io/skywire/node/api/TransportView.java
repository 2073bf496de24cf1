package io.skywire.node.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.skywire.node.transport.TransportSnapshot;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// One live link, as [TransportSnapshot] says it.
public record TransportView(
        TransportId id,
        String type,
        PublicKey remote,
        String address,
        TransportSnapshot.Opener opener,
        String cipher,
        Instant since,
        @JsonProperty("round_trip_ms") Optional<Duration> roundTrip,
        long packetsIn,
        long bytesIn,
        long packetsOut,
        long bytesOut,
        long packetsDropped,
        long bytesQueued) {
    public static TransportView of(TransportSnapshot link) {
        return new TransportView(
                link.id(),
                link.type().name(),
                link.remote(),
                link.address(),
                link.opener(),
                link.cipher(),
                link.since(),
                link.roundTrip(),
                link.packetsIn(),
                link.bytesIn(),
                link.packetsOut(),
                link.bytesOut(),
                link.packetsDropped(),
                link.bytesQueued());
    }
}
