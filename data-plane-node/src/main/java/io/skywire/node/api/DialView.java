package io.skywire.node.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import java.time.Duration;
import java.util.List;

/// A session that is up.
///
/// @param hops transports on the route
/// @param attempts plans that were tried, the last one with success
/// @param phases of the setup; empty where the session was up before
/// @param took from the request to this answer
public record DialView(
        PublicKey peer,
        SessionUid session,
        RouteUid route,
        int hops,
        int attempts,
        List<Phase> phases,
        @JsonProperty("took_ms") Duration took) {}
