package io.skywire.node;

import io.skywire.node.config.NodeConfig;
import io.skywire.node.router.RoutingTable;
import io.skywire.node.transport.DialState;
import io.skywire.node.transport.MessagingTransports;
import io.skywire.node.transport.TcpTransports;
import io.skywire.node.transport.Transport;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/// By which way each neighbour is linked: directly where that works, through messaging servers where it does not. Both
/// edges decide by themselves and alike. Looked after on one thread.
///
/// | with the neighbour there is | so |
/// |---|---|
/// | no direct link, and no address to dial or the last dial failed | a link through messaging is kept |
/// | a direct link | it is left alone for a moment: what flaps changes nothing |
/// | a direct link for [#STEADY] | nobody dials through messaging any more |
/// | a direct link for [#PROVEN] | the other is closed as soon as no rule uses it |
///
/// So a route over a link through messaging goes on until it is given back, and new ones go over the direct link, which
/// costs less.
final class NeighbourLinks {
    static final Duration STEADY = Duration.ofSeconds(5);
    static final Duration PROVEN = Duration.ofSeconds(10);

    private final PublicKey self;
    private final List<NodeConfig.Link> kept;
    private final TcpTransports direct;
    private final MessagingTransports messaging;
    private final RoutingTable rules;
    private final LongSupplier nanos;
    private final Map<PublicKey, Long> directSince = new HashMap<>();

    NeighbourLinks(
            PublicKey self,
            List<NodeConfig.Link> kept,
            TcpTransports direct,
            MessagingTransports messaging,
            RoutingTable rules,
            LongSupplier nanos) {
        this.self = self;
        this.kept = kept;
        this.direct = direct;
        this.messaging = messaging;
        this.rules = rules;
        this.nanos = nanos;
    }

    /// Every now and then, always on the same thread.
    void look() {
        long now = nanos.getAsLong();
        List<PublicKey> linked = direct.live().stream().map(Transport::remote).toList();
        directSince.keySet().retainAll(linked);
        linked.forEach(peer -> directSince.putIfAbsent(peer, now));
        for (NodeConfig.Link link : kept) {
            if (!directSince.containsKey(link.peer()) && isOutOfReach(link)) {
                messaging.keep(link.peer());
            }
        }
        directSince.forEach((peer, since) -> {
            if (now - since > STEADY.toNanos()) {
                messaging.release(peer);
            }
            if (now - since > PROVEN.toNanos()) {
                closeUnused(peer);
            }
        });
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

    private void closeUnused(PublicKey peer) {
        TransportId id = TransportId.between(self, peer, TransportType.MESSAGING);
        messaging
                .find(id)
                .filter(link -> !rules.uses(id))
                .ifPresent(link -> link.close("the two nodes are linked directly"));
    }
}
