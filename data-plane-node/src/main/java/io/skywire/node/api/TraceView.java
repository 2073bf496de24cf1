package io.skywire.node.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.SessionUid;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How a session came about and how fast it is, end to end. Counts hops and names none.
///
/// @param phases of the setup; empty where the session was up before
/// @param roundTrips in the order they were sent; none: lost
public record TraceView(
        PublicKey peer,
        SessionUid session,
        int hops,
        int attempts,
        List<Phase> phases,
        @JsonProperty("round_trips_ms") List<Optional<Duration>> roundTrips) {}
