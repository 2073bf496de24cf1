package io.skywire.node.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.SessionUid;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;

/// A route that ends at this node: the peer and the first hop, nothing of what lies between.
///
/// @param end which end this node is
/// @param egress the transport to the first hop
public record RouteView(
        RouteUid route,
        SessionUid session,
        RouteEnd end,
        PublicKey peer,
        TransportId egress,
        @JsonProperty("age_ms") Duration age,
        long bytesIn,
        long bytesOut) {}
