package io.skywire.shared.transport;

import java.time.Duration;
import java.util.Optional;

/// What an edge measures on a link, smoothed; docs/protocol/link.md says over which window. May come from outside: the
/// ranges are not checked here.
///
/// Values never stand still. A difference is real, and worth a message, when it leaves its dead band:
///
/// | quantity | differs when it moves by more than |
/// |---|---|
/// | round trip | a quarter of the old one, 100 µs at least; or it was unknown |
/// | loss | a quarter of the old one, half a percentage point at least |
/// | load | a quarter of what was free, two percentage points at least: close to full, little is much |
/// | throughput | half of the old one, 128 KiB/s at least |
///
/// @param roundTrip empty while unknown
/// @param loss the share of packets that get lost, in millionths: 0 to [#WHOLE]
/// @param load the share of the time in which the link takes no more than it carries already, in millionths
/// @param throughput what this edge sends, in bytes per second
public record LinkMeasurement(Optional<Duration> roundTrip, int loss, int load, long throughput) {
    /// All of it, in millionths.
    public static final int WHOLE = 1_000_000;

    /// More than any link carries, in bytes per second: 8 Tbit/s.
    public static final long MAX_THROUGHPUT = 1_000_000_000_000L;

    /// Nothing is known yet.
    public static final LinkMeasurement NONE = new LinkMeasurement(Optional.empty(), 0, 0, 0);

    private static final long LEAST_ROUND_TRIP = 100;
    private static final long LEAST_LOSS = 5_000;
    private static final long LEAST_LOAD = 20_000;
    private static final long LEAST_THROUGHPUT = 128 * 1024;

    /// Only a round trip is known.
    public static LinkMeasurement ofRoundTrip(Optional<Duration> roundTrip) {
        return new LinkMeasurement(roundTrip, 0, 0, 0);
    }

    /// In whole microseconds, 1 at least; 0 while unknown.
    public long roundTripMicros() {
        return roundTrip.map(time -> Math.max(1, time.toNanos() / 1000)).orElse(0L);
    }

    /// Whether what routes are chosen by (round trip, loss, load) differs from what was told.
    public boolean differsFrom(LinkMeasurement told) {
        return roundTrip.isPresent() != told.roundTrip.isPresent()
                || isFar(roundTripMicros(), told.roundTripMicros(), told.roundTripMicros() / 4, LEAST_ROUND_TRIP)
                || isFar(loss, told.loss, told.loss / 4, LEAST_LOSS)
                || isFar(load, told.load, (WHOLE - told.load) / 4, LEAST_LOAD);
    }

    /// Whether the throughput differs from what was told.
    public boolean differsInThroughput(LinkMeasurement told) {
        return isFar(throughput, told.throughput, told.throughput / 2, LEAST_THROUGHPUT);
    }

    private static boolean isFar(long now, long told, long band, long least) {
        return Math.abs(now - told) > Math.max(band, least);
    }
}
