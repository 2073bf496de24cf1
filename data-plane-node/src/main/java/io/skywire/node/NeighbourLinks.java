package io.skywire.node;

import io.skywire.node.config.NodeConfig;
import io.skywire.node.router.RoutingTable;
import io.skywire.node.transport.DialState;
import io.skywire.node.transport.MessagingTransports;
import io.skywire.node.transport.TcpTransports;
import io.skywire.node.transport.Transport;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/// By which way each neighbour is linked: directly where that works, through messaging servers where it does not. Both
/// edges decide by themselves and alike. Looked after on one thread.
///
/// | with the neighbour there is | so |
/// |---|---|
/// | no direct link, and no address to dial or the last dial failed | a link through messaging is kept |
/// | a direct link | it is left alone for a moment: what flaps changes nothing |
/// | a direct link for [#STEADY] | nobody dials through messaging any more |
/// | a direct link for [#PROVEN] | sessions that begin on the other are moved, and it is closed when no rule uses it |
/// | a link through messaging, and the direct one is gone | sessions that began on the direct one are moved |
///
/// Both links are there while a session moves. A route that began elsewhere goes on over the link through messaging
/// until it is given back.
final class NeighbourLinks {
    static final Duration STEADY = Duration.ofSeconds(5);
    static final Duration PROVEN = Duration.ofSeconds(10);
    private static final Duration BETWEEN_MOVES = Duration.ofSeconds(5);

    private final PublicKey self;
    private final List<NodeConfig.Link> kept;
    private final TcpTransports direct;
    private final MessagingTransports messaging;
    private final RoutingTable rules;
    private final Moves moves;
    private final LongSupplier nanos;
    private final Map<PublicKey, Long> directSince = new HashMap<>();
    private final Map<TransportId, Long> movedAt = new HashMap<>();

    /// Moves sessions to other routes.
    @FunctionalInterface
    interface Moves {
        /// The session that uses this route should have one around `avoided`.
        void reroute(RouteUid leaving, Set<TransportId> avoided);
    }

    NeighbourLinks(
            PublicKey self,
            List<NodeConfig.Link> kept,
            TcpTransports direct,
            MessagingTransports messaging,
            RoutingTable rules,
            Moves moves,
            LongSupplier nanos) {
        this.self = self;
        this.kept = kept;
        this.direct = direct;
        this.messaging = messaging;
        this.rules = rules;
        this.moves = moves;
        this.nanos = nanos;
    }

    /// Every now and then, always on the same thread.
    void look() {
        long now = nanos.getAsLong();
        Set<PublicKey> linked = new HashSet<>();
        for (Transport link : direct.live()) {
            linked.add(link.remote());
            directSince.putIfAbsent(link.remote(), now);
        }
        directSince.keySet().retainAll(linked);
        for (NodeConfig.Link link : kept) {
            if (!directSince.containsKey(link.peer()) && isOutOfReach(link)) {
                messaging.keep(link.peer());
            }
        }
        List<Transport> relayed = messaging.live();
        directSince.forEach((peer, since) -> {
            if (now - since > STEADY.toNanos()) {
                messaging.release(peer);
            }
            if (!relayed.isEmpty() && now - since > PROVEN.toNanos()) {
                takeOver(peer, now);
            }
        });
        for (Transport link : relayed) {
            if (!directSince.containsKey(link.remote())) {
                moveFrom(TransportId.between(self, link.remote(), TransportType.TCP), now);
            }
        }
    }

    private boolean isOutOfReach(NodeConfig.Link link) {
        return link.address().isEmpty() || lastFailure(link.peer()).isPresent();
    }

    private Optional<String> lastFailure(PublicKey peer) {
        return direct.dials().stream()
                .filter(dial -> dial.peer().equals(peer))
                .findFirst()
                .flatMap(DialState::lastFailure);
    }

    private void takeOver(PublicKey peer, long now) {
        TransportId id = TransportId.between(self, peer, TransportType.MESSAGING);
        Optional<Transport> link = messaging.find(id);
        if (link.isPresent() && rules.uses(id)) {
            moveFrom(id, now);
        } else {
            link.ifPresent(unused -> unused.close("the two nodes are linked directly"));
        }
    }

    /// Not in a storm: a move that fails is tried again a while later.
    private void moveFrom(TransportId leaving, long now) {
        Long before = movedAt.get(leaving);
        if (before != null && now - before < BETWEEN_MOVES.toNanos()) {
            return;
        }
        List<RouteUid> routes = rules.edges().stream()
                .filter(edge -> edge.forward().egress().equals(leaving)
                        && edge.forward().end() == RouteEnd.INITIATOR)
                .map(edge -> edge.forward().route())
                .toList();
        if (!routes.isEmpty()) {
            movedAt.put(leaving, now);
            routes.forEach(route -> moves.reroute(route, Set.of(leaving)));
        }
    }
}
