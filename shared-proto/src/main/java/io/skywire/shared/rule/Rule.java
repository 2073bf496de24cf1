package io.skywire.shared.rule;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;

/// What one node does for one route in one direction. Lives until it is removed or has idled for `idleTimeout`.
public sealed interface Rule {
    RuleKey key();

    Duration idleTimeout();

    /// At an end: packets of `session` leave on `egress` with `egressId`. `maxPayload` is the smallest limit of the
    /// transports on the route, in bytes.
    record Forward(
            RouteUid route,
            SessionUid session,
            RouteEnd end,
            PublicKey peer,
            TransportId egress,
            RouteId egressId,
            int maxPayload,
            Duration idleTimeout)
            implements Rule {
        @Override
        public RuleKey key() {
            return new RuleKey.ForwardOf(route);
        }
    }

    /// Between the ends: what arrives as (`ingress`, `ingressId`) leaves as (`egress`, `egressId`).
    record Relay(TransportId ingress, RouteId ingressId, TransportId egress, RouteId egressId, Duration idleTimeout)
            implements Rule {
        @Override
        public RuleKey key() {
            return new RuleKey.Ingress(ingress, ingressId);
        }
    }

    /// At an end: what arrives as (`ingress`, `ingressId`) belongs to `route`.
    record Consume(RouteUid route, PublicKey peer, TransportId ingress, RouteId ingressId, Duration idleTimeout)
            implements Rule {
        @Override
        public RuleKey key() {
            return new RuleKey.Ingress(ingress, ingressId);
        }
    }
}
