package io.skywire.node;

import io.netty.channel.EventLoopGroup;
import io.skywire.node.control.GatewayLanes;
import io.skywire.node.gateway.AgentLanes;
import io.skywire.node.gateway.LinkRoutes;
import io.skywire.node.session.IncomingStreams.Verdict;
import io.skywire.node.session.PeerSessions;
import io.skywire.node.session.SessionSettings;
import io.skywire.node.session.StreamRefusal;
import io.skywire.node.transport.DialState;
import io.skywire.node.transport.Ingress;
import io.skywire.node.transport.LinkFailure;
import io.skywire.node.transport.MessagingTransports;
import io.skywire.node.transport.Transport;
import io.skywire.node.transport.TransportListener;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportId;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A node's way to its control plane through gateways. Links with gateways are kept apart from all others: no rule
/// applies to them, and the control plane is not told of them.
final class NodeGateways {
    private static final SessionSettings SETTINGS = new SessionSettings(
            8,
            4,
            4,
            4,
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(15));

    private final List<PublicKey> gateways;
    private final LinkRoutes routes;
    private final PeerSessions sessions;
    private volatile @Nullable MessagingTransports links;

    /// Nothing for a node that names no gateway.
    static Optional<NodeGateways> of(
            List<PublicKey> gateways, KeyPair keys, EventLoopGroup loops, InstantSource clock, SecureRandom random) {
        return gateways.isEmpty()
                ? Optional.empty()
                : Optional.of(new NodeGateways(gateways, keys, loops, clock, random));
    }

    private NodeGateways(
            List<PublicKey> gateways, KeyPair keys, EventLoopGroup loops, InstantSource clock, SecureRandom random) {
        this.gateways = gateways;
        this.routes = new LinkRoutes(new LinkRoutes.Side.Dials(new Links()), random, System::nanoTime);
        this.sessions = new PeerSessions(
                keys,
                loops,
                routes,
                (peer, port) -> CompletableFuture.completedFuture(new Verdict.Refuse(StreamRefusal.NOT_PUBLISHED)),
                SETTINGS,
                clock,
                random);
        routes.begin(sessions);
    }

    Ingress.Factory beside(Ingress.Factory others) {
        return link -> isGateway(link) ? routes.open(link) : others.open(link);
    }

    TransportListener beside(TransportListener others) {
        return new TransportListener() {
            @Override
            public void up(Transport link) {
                (isGateway(link) ? routes : others).up(link);
            }

            @Override
            public void down(Transport link, String reason) {
                (isGateway(link) ? routes : others).down(link, reason);
            }

            @Override
            public void failed(LinkFailure kind, String detail) {
                others.failed(kind, detail);
            }

            @Override
            public void measured(TransportId id, LinkMeasurement measured) {
                others.measured(id, measured);
            }
        };
    }

    private boolean isGateway(Transport link) {
        return gateways.contains(link.remote());
    }

    GatewayLanes lanes(MessagingTransports through, EventLoopGroup applications) {
        links = through;
        return new AgentLanes(gateways, sessions, through, routes, applications);
    }

    void close(Duration deadline) {
        sessions.close(deadline).toCompletableFuture().join();
    }

    private final class Links implements LinkRoutes.Links {
        @Override
        public void keep(PublicKey gateway) {
            MessagingTransports through = links;
            if (through != null) {
                through.keep(gateway);
            }
        }

        @Override
        public String trouble(PublicKey gateway) {
            MessagingTransports through = links;
            return (through == null ? List.<DialState>of() : through.dials())
                    .stream()
                            .filter(dial -> dial.peer().equals(gateway))
                            .findFirst()
                            .flatMap(DialState::lastFailure)
                            .orElse("no answer");
        }
    }
}
