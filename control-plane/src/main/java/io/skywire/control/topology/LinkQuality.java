package io.skywire.control.topology;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What was measured on a transport, and when.
///
/// @param roundTrip empty while nobody has measured; held to the microsecond
/// @param loss the share of packets that get lost, 0 to 1; held to 1/65535
/// @param load the share of the time in which the transport takes no more than it carries already, 0 to 1; held to
///     1/65535
/// @param measuredAt held to the second
public record LinkQuality(Optional<Duration> roundTrip, double loss, double load, Instant measuredAt) {
    public LinkQuality {
        if (!(loss >= 0 && loss <= 1 && load >= 0 && load <= 1)) {
            throw new IllegalArgumentException("loss and load are shares from 0 to 1, not " + loss + " and " + load);
        }
    }
}
