package io.skywire.node.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// One session with one peer.
///
/// @param end which end this node is; the initiator dialled
/// @param primary the route that carries it now
/// @param standby the route that takes over
/// @param sharing the second route, if what this node sends goes over both now
/// @param switches how often it went over to another route, and why it did so last; an initiator decides that
/// @param streams how many application connections it carries now
public record SessionView(
        SessionUid session,
        PublicKey peer,
        RouteEnd end,
        Instant since,
        Optional<RouteUid> primary,
        Optional<RouteUid> standby,
        Optional<RouteUid> sharing,
        long switches,
        Optional<String> lastSwitch,
        @JsonProperty("round_trip_ms") Optional<Duration> roundTrip,
        int streams,
        long bytesIn,
        long bytesOut) {}
