package io.skywire.local.simulation;

import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.transport.TransportId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The links of a swarm without sockets: a packet walks from rule table to rule table. Safe for any thread, but not for
/// one that holds an agent's lock.
public final class Roads {
    private static final int MOST_LINKS = 32;

    private final Map<TransportId, Link> links = new ConcurrentHashMap<>();

    void open(Link link) {
        links.put(link.signed().id(), link);
    }

    /// Whether a packet of the route gets from the initiator to the other end, and one of that end's back.
    public boolean leadsBothWays(SimulatedAgent initiator, RouteUid route) {
        return oneWay(initiator, route)
                .flatMap(end -> oneWay(end, route))
                .filter(back -> back == initiator)
                .isPresent();
    }

    private Optional<SimulatedAgent> oneWay(SimulatedAgent from, RouteUid route) {
        if (!(from.rule(new RuleKey.ForwardOf(route)).orElse(null) instanceof Rule.Forward forward)) {
            return Optional.empty();
        }
        SimulatedAgent at = from;
        TransportId over = forward.egress();
        RouteId number = forward.egressId();
        for (int i = 0; i < MOST_LINKS; i++) {
            Link link = links.get(over);
            if (link == null) {
                return Optional.empty();
            }
            at = link.one() == at ? link.other() : link.one();
            Rule rule = at.rule(new RuleKey.Ingress(over, number)).orElse(null);
            if (rule instanceof Rule.Consume consume) {
                return consume.route().equals(route) ? Optional.of(at) : Optional.empty();
            }
            if (!(rule instanceof Rule.Relay relay)) {
                return Optional.empty();
            }
            over = relay.egress();
            number = relay.egressId();
        }
        return Optional.empty();
    }
}
