package io.skywire.node;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.internal.PlatformDependent;
import io.skywire.node.app.ApplicationLoops;
import io.skywire.node.app.Publication;
import io.skywire.node.app.Publications;
import io.skywire.node.config.GatewayConfig;
import io.skywire.node.config.HostPort;
import io.skywire.node.config.KeyFile;
import io.skywire.node.config.KeyFileException;
import io.skywire.node.gateway.AgentLanes;
import io.skywire.node.gateway.LinkRoutes;
import io.skywire.node.gateway.PacketDrop;
import io.skywire.node.loops.EventLoops;
import io.skywire.node.metrics.GatewayReadings;
import io.skywire.node.metrics.MetricsServer;
import io.skywire.node.metrics.MetricsStartException;
import io.skywire.node.metrics.NodeReadings;
import io.skywire.node.session.PeerSessions;
import io.skywire.node.session.SessionSettings;
import io.skywire.node.session.StreamRefusal;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One gateway: nodes reach it through messaging servers, and it leads each of them to one address, the control
/// plane's, and nowhere else. It dials nobody and forwards no packet.
///
/// Several live in one JVM, beside nodes; nothing here is static but the logger.
public final class Gateway implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Gateway.class);
    private static final Duration CLOSE_STEP = Duration.ofSeconds(3);
    private static final Duration LOOK = Duration.ofSeconds(15);
    private static final Duration LINK_IDLE = Duration.ofMinutes(1);

    private final Deque<Closing> closings = new ArrayDeque<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final PublicKey key;
    private final Optional<InetSocketAddress> metrics;
    private final NodeMessaging messaging;
    private final LinkRoutes routes;
    private final PeerSessions sessions;
    private final Publications publications;

    /// Returns when the gateway dials its messaging servers; its entry in the discovery comes by itself.
    ///
    /// @throws NodeStartException if the machine does not give what the config asks for
    public static Gateway start(GatewayConfig config) throws NodeStartException {
        return new Gateway(config);
    }

    private Gateway(GatewayConfig config) throws NodeStartException {
        try {
            KeyPair keys = KeyFile.read(config.keyFile());
            key = keys.publicKey();
            SecureRandom random = new SecureRandom();
            InstantSource clock = InstantSource.system();
            EventLoopGroup loops = EventLoops.open("gateway-loop", config.eventLoops());
            closing(() -> loops.shutdownGracefully(0, CLOSE_STEP.toMillis(), TimeUnit.MILLISECONDS)
                    .awaitUninterruptibly(CLOSE_STEP.toMillis()));
            EventLoopGroup sockets = ApplicationLoops.create(config.eventLoops());
            closing(() -> sockets.shutdownGracefully(0, CLOSE_STEP.toMillis(), TimeUnit.MILLISECONDS)
                    .awaitUninterruptibly(CLOSE_STEP.toMillis()));
            publications = new Publications(
                    sockets, new Publications.Limits(config.capacity(), config.capacityPerKey(), config.idle()));
            publications.replace(target(config.controlPlane()));
            routes = new LinkRoutes(new LinkRoutes.Side.Answers(config.capacity()), random, System::nanoTime);
            sessions = new PeerSessions(keys, loops, routes, publications, settings(config), clock, random);
            routes.begin(sessions);
            messaging = NodeMessaging.of(config.messaging(), keys, loops.next(), routes, routes, clock, random);
            closing(() -> messaging.close(CLOSE_STEP));
            closing(() -> sessions.close(CLOSE_STEP).toCompletableFuture().join());
            if (config.metrics().isPresent()) {
                MetricsServer server =
                        MetricsServer.start(config.metrics().get().resolve(), new Numbers(this));
                closing(server::close);
                metrics = Optional.of(server.address());
            } else {
                metrics = Optional.empty();
            }
            messaging.mailbox().start();
            look(config.controlPlane());
        } catch (KeyFileException | MetricsStartException | IllegalArgumentException refused) {
            closeAll();
            throw new NodeStartException(String.valueOf(refused.getMessage()), refused);
        } catch (RuntimeException | Error bug) {
            closeAll();
            throw bug;
        }
    }

    private static SessionSettings settings(GatewayConfig config) {
        SessionSettings usual = SessionSettings.DEFAULTS;
        return new SessionSettings(
                config.capacity(),
                config.capacityPerKey() + 1, // the session's own stream
                1,
                usual.pendingHandshakes(),
                usual.keepAlive(),
                usual.idle(),
                usual.handshake(),
                usual.streamOpen(),
                usual.streamAbort(),
                usual.dial());
    }

    private static Publication target(HostPort controlPlane) {
        return new Publication(AgentLanes.CONTROL_PLANE, controlPlane.resolve(), new Publication.Audience.Everyone());
    }

    /// Idle links go; the control plane's name is looked up again, on a thread that may wait for it.
    private void look(HostPort controlPlane) {
        ScheduledThreadPoolExecutor timer =
                new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("gateway-timer", true));
        timer.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
        closing(timer::shutdownNow);
        var unused = timer.scheduleWithFixedDelay(
                () -> {
                    routes.endIdle(LINK_IDLE.toNanos());
                    try {
                        publications.replace(target(controlPlane));
                    } catch (IllegalArgumentException unknownNow) {
                        log.debug(
                                "{} has no address now, the last one is used: {}", controlPlane, unknownNow.toString());
                    }
                },
                LOOK.toMillis(),
                LOOK.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    public PublicKey key() {
        return key;
    }

    /// One line that says who it is.
    public String readyLine() {
        return "ready gateway=" + key.hex()
                + metrics.map(address -> " metrics=" + new HostPort(address.getHostString(), address.getPort()))
                        .orElse("");
    }

    private void closing(Closing step) {
        closings.push(step);
    }

    /// One step of closing; each has its own deadline.
    private interface Closing {
        void run() throws InterruptedException;
    }

    /// Ends the gateway within seconds; nodes hear of it. A second call does nothing.
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            closeAll();
        }
    }

    private void closeAll() {
        while (!closings.isEmpty()) {
            try {
                closings.pop().run();
            } catch (InterruptedException hurried) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException stubborn) {
                log.warn("a part of the gateway did not close", stubborn);
            }
        }
    }

    private record Numbers(Gateway gateway) implements GatewayReadings {
        @Override
        public long servers() {
            return gateway.messaging.mailbox().servers().size();
        }

        @Override
        public long links() {
            return gateway.routes.links();
        }

        @Override
        public long sessions() {
            return gateway.sessions.sessions().size();
        }

        @Override
        public long streams() {
            return gateway.publications.connections();
        }

        @Override
        public NodeReadings.ByLabel<?> refused() {
            return new NodeReadings.ByLabel<>(StreamRefusal.class, gateway.publications::refused);
        }

        @Override
        public NodeReadings.ByLabel<?> dropped() {
            return new NodeReadings.ByLabel<>(PacketDrop.class, gateway.routes::dropped);
        }

        @Override
        public long directMemory() {
            return PlatformDependent.usedDirectMemory();
        }
    }
}
