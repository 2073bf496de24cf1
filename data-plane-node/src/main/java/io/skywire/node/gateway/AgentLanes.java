package io.skywire.node.gateway;

import io.netty.channel.EventLoopGroup;
import io.skywire.node.app.OneTimeDoor;
import io.skywire.node.control.GatewayLanes;
import io.skywire.node.session.PeerSessions;
import io.skywire.node.session.StreamAnswer;
import io.skywire.node.transport.MessagingTransports;
import io.skywire.shared.key.PublicKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// An agent's byte streams to the control plane: one stream of a session over one link with a gateway, behind a door
/// on loopback that lets one connection in. Safe for any thread; never blocks.
public final class AgentLanes implements GatewayLanes {
    /// The port of a gateway behind which its control plane is.
    public static final int CONTROL_PLANE = 1;

    private final List<PublicKey> gateways;
    private final PeerSessions sessions;
    private final MessagingTransports links;
    private final LinkRoutes routes;
    private final EventLoopGroup applications;

    /// @param sessions over `routes`, and for nothing else
    /// @param applications see [io.skywire.node.app.ApplicationLoops]
    public AgentLanes(
            List<PublicKey> gateways,
            PeerSessions sessions,
            MessagingTransports links,
            LinkRoutes routes,
            EventLoopGroup applications) {
        this.gateways = List.copyOf(gateways);
        this.sessions = sessions;
        this.links = links;
        this.routes = routes;
        this.applications = applications;
    }

    @Override
    public CompletionStage<Lane> open(PublicKey gateway) {
        return sessions.openStream(gateway, CONTROL_PLANE).thenCompose(answer -> switch (answer) {
            case StreamAnswer.Opened opened ->
                OneTimeDoor.open(applications, opened.stream()).thenApply(DoorLane::new);
            case StreamAnswer.Refused refused ->
                CompletableFuture.failedFuture(new IOException(refused.refusal().text()));
            case StreamAnswer.Failed failed ->
                CompletableFuture.failedFuture(new IOException(failed.failure().detail()));
        });
    }

    @Override
    public void rest() {
        gateways.forEach(gateway -> {
            links.release(gateway);
            sessions.hangUp(gateway);
        });
        routes.endAll("the control plane is reached directly");
    }

    private record DoorLane(OneTimeDoor door) implements Lane {
        @Override
        public InetSocketAddress address() {
            return door.address();
        }

        @Override
        public void close() {
            door.close();
        }
    }
}
