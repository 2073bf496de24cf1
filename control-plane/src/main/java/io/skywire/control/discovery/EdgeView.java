package io.skywire.control.discovery;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.LinkMeasurement;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What one edge says of a transport, or what both together come to.
///
/// @param measuredAt when a measurement was told last
/// @param maxPayload in bytes; 0 if nothing is said
/// @param relays in the order of their keys
record EdgeView(
        State state, LinkMeasurement measured, Optional<Instant> measuredAt, int maxPayload, List<PublicKey> relays) {
    /// Of an edge that never said anything.
    static final EdgeView NONE = new EdgeView(State.NOT_UP, LinkMeasurement.NONE, Optional.empty(), 0, List.of());

    enum State {
        UP,
        NOT_UP
    }

    /// Both views together: the worse of each, so that an edge alone can make a transport look worse and never better.
    ///
    /// | of | together |
    /// |---|---|
    /// | state | up if both are |
    /// | payload | the smaller |
    /// | round trip | the longer; the known one if only one is known |
    /// | loss, load, throughput | the greater |
    /// | moment of measuring | the later: who is silent has nothing new |
    /// | relays | all of both |
    EdgeView with(EdgeView other) {
        return new EdgeView(
                state == State.UP && other.state == State.UP ? State.UP : State.NOT_UP,
                new LinkMeasurement(
                        later(measured.roundTrip(), other.measured.roundTrip(), Duration::compareTo),
                        Math.max(measured.loss(), other.measured.loss()),
                        Math.max(measured.load(), other.measured.load()),
                        Math.max(measured.throughput(), other.measured.throughput())),
                later(measuredAt, other.measuredAt, Instant::compareTo),
                maxPayload == 0 || other.maxPayload == 0
                        ? Math.max(maxPayload, other.maxPayload)
                        : Math.min(maxPayload, other.maxPayload),
                Stream.concat(relays.stream(), other.relays.stream())
                        .distinct()
                        .sorted()
                        .toList());
    }

    private static <T> Optional<T> later(Optional<T> one, Optional<T> other, Comparator<T> order) {
        return Stream.concat(one.stream(), other.stream()).max(order);
    }
}
