package io.skywire.node.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.SessionUid;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;

/// One rule of the table: exactly what the rule holds, and how much it was used.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = RuleView.Forward.class, name = "forward"),
    @JsonSubTypes.Type(value = RuleView.Relay.class, name = "relay"),
    @JsonSubTypes.Type(value = RuleView.Consume.class, name = "consume")
})
public sealed interface RuleView {
    /// @param idle how long no packet has matched
    static RuleView of(Rule rule, Duration idle, long packets, long bytes) {
        return switch (rule) {
            case Rule.Forward forward ->
                new Forward(
                        forward.route(),
                        forward.session(),
                        forward.end(),
                        forward.peer(),
                        forward.egress(),
                        forward.egressId(),
                        forward.maxPayload(),
                        forward.idleTimeout(),
                        idle,
                        packets,
                        bytes);
            case Rule.Relay relay ->
                new Relay(
                        relay.ingress(),
                        relay.ingressId(),
                        relay.egress(),
                        relay.egressId(),
                        relay.idleTimeout(),
                        idle,
                        packets,
                        bytes);
            case Rule.Consume consume ->
                new Consume(
                        consume.route(),
                        consume.peer(),
                        consume.ingress(),
                        consume.ingressId(),
                        consume.idleTimeout(),
                        idle,
                        packets,
                        bytes);
        };
    }

    record Forward(
            RouteUid route,
            SessionUid session,
            RouteEnd end,
            PublicKey peer,
            TransportId egress,
            RouteId egressId,
            int maxPayload,
            @JsonProperty("idle_timeout_ms") Duration idleTimeout,
            @JsonProperty("idle_ms") Duration idle,
            long packets,
            long bytes)
            implements RuleView {}

    /// No key, no route, no session: a relay does not know them.
    record Relay(
            TransportId ingress,
            RouteId ingressId,
            TransportId egress,
            RouteId egressId,
            @JsonProperty("idle_timeout_ms") Duration idleTimeout,
            @JsonProperty("idle_ms") Duration idle,
            long packets,
            long bytes)
            implements RuleView {}

    record Consume(
            RouteUid route,
            PublicKey peer,
            TransportId ingress,
            RouteId ingressId,
            @JsonProperty("idle_timeout_ms") Duration idleTimeout,
            @JsonProperty("idle_ms") Duration idle,
            long packets,
            long bytes)
            implements RuleView {}
}
