package io.skywire.node.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.skywire.node.transport.TransportSnapshot;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// One live link, as [TransportSnapshot] says it.
///
/// @param loss the share of packets that get lost, 0 to 1
/// @param load the share of the time in which the link took no more, 0 to 1
/// @param throughput what is sent, in bytes per second
public record TransportView(
        TransportId id,
        String type,
        PublicKey remote,
        String address,
        TransportSnapshot.Opener opener,
        String cipher,
        Instant since,
        @JsonProperty("round_trip_ms") Optional<Duration> roundTrip,
        double loss,
        double load,
        long throughput,
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
                link.measured().loss() / (double) LinkMeasurement.WHOLE,
                link.measured().load() / (double) LinkMeasurement.WHOLE,
                link.measured().throughput(),
                link.packetsIn(),
                link.bytesIn(),
                link.packetsOut(),
                link.bytesOut(),
                link.packetsDropped(),
                link.bytesQueued());
    }
}
