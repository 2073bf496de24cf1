package io.skywire.node.control;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.LinkMeasurement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;

/// Decides whether what a link measures now is worth a report. Pure but for the jitter of refreshes.
///
/// | what | is told |
/// |---|---|
/// | the first round trip, other relays | at once |
/// | round trip, loss or load outside their dead bands ([LinkMeasurement]) | [#LEAST] after the last time |
/// | throughput outside its dead band | [#LEAST_FOR_THROUGHPUT] after the last time: nobody chooses a route by it |
/// | nothing new | two thirds to all of [#REFRESH] after the last time, so that what is known does not count as old |
///
/// A clock that was set back makes everything due once.
final class ReportGate {
    static final Duration LEAST = Duration.ofSeconds(10);
    static final Duration LEAST_FOR_THROUGHPUT = Duration.ofMinutes(1);
    static final Duration REFRESH = Duration.ofMinutes(10);

    private final RandomGenerator random;

    ReportGate(RandomGenerator random) {
        this.random = random;
    }

    /// What the control plane was told last of a link.
    ///
    /// @param refresh when it is told again even if nothing is new
    record Told(LinkMeasurement measured, List<PublicKey> relays, Instant at, Instant refresh) {}

    Told tell(LinkMeasurement measured, List<PublicKey> relays, Instant now) {
        long third = REFRESH.toMillis() / 3;
        return new Told(measured, relays, now, now.plusMillis(2 * third + random.nextLong(third)));
    }

    boolean isDue(Told told, LinkMeasurement measured, List<PublicKey> relays, Instant now) {
        if (measured.roundTrip().isPresent() != told.measured().roundTrip().isPresent()
                || !relays.equals(told.relays())
                || now.isBefore(told.at())) {
            return true;
        }
        return measured.differsFrom(told.measured()) && hasPassed(LEAST, told, now)
                || measured.differsInThroughput(told.measured()) && hasPassed(LEAST_FOR_THROUGHPUT, told, now)
                || !now.isBefore(told.refresh());
    }

    private static boolean hasPassed(Duration pause, Told told, Instant now) {
        return !now.isBefore(told.at().plus(pause));
    }
}
