package io.skywire.shared.rule;

import io.skywire.shared.transport.TransportId;

/// Names a rule on one node.
public sealed interface RuleKey {
    /// A rule that matches packets: those that arrive on `transport` with `routeId`.
    record Ingress(TransportId transport, RouteId routeId) implements RuleKey {
        public Ingress {
            if (routeId.equals(RouteId.LINK)) {
                throw new IllegalArgumentException("route id 0 is the link itself and never has a rule");
            }
        }
    }

    /// The forward rule of a route at one of its ends.
    record ForwardOf(RouteUid route) implements RuleKey {}
}
