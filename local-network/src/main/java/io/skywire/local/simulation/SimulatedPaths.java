package io.skywire.local.simulation;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.RuleKey;
import io.skywire.shared.transport.TransportId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The links between the agents of a swarm, without sockets and without delay: a probe walks the agents' rule tables as
/// a packet would. Safe for any thread.
final class SimulatedPaths {
    private static final int MOST_LINKS = 32;

    private final Map<PublicKey, RuleBook> books = new ConcurrentHashMap<>();
    private final Map<TransportId, Link> links = new ConcurrentHashMap<>();

    void add(PublicKey node, RuleBook book) {
        books.put(node, book);
    }

    void add(Link link) {
        links.put(link.id(), link);
    }

    /// Whether a packet of the route gets from its initiator to the other end and the answer back.
    boolean carries(PublicKey initiator, RouteUid route) {
        return walk(initiator, route)
                .flatMap(responder -> walk(responder, route))
                .filter(initiator::equals)
                .isPresent();
    }

    /// Who consumes what `from` sends on the route.
    private Optional<PublicKey> walk(PublicKey from, RouteUid route) {
        if (!(rule(from, new RuleKey.ForwardOf(route)) instanceof Rule.Forward forward)) {
            return Optional.empty();
        }
        PublicKey at = from;
        TransportId over = forward.egress();
        RouteId number = forward.egressId();
        for (int crossed = 0; crossed < MOST_LINKS; crossed++) {
            Link link = links.get(over);
            if (link == null) {
                return Optional.empty();
            }
            at = link.one().key().equals(at) ? link.other().key() : link.one().key();
            switch (rule(at, new RuleKey.Ingress(over, number))) {
                case Rule.Consume consume -> {
                    return consume.route().equals(route) ? Optional.of(at) : Optional.empty();
                }
                case Rule.Relay relay -> {
                    over = relay.egress();
                    number = relay.egressId();
                }
                case Rule.Forward forwardOfAnother -> {
                    return Optional.empty();
                }
                case null -> {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private @Nullable Rule rule(PublicKey node, RuleKey key) {
        RuleBook book = books.get(node);
        return book == null ? null : book.rule(key);
    }
}
