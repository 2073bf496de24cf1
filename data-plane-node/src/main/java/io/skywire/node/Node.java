package io.skywire.node;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.skywire.node.api.ApiServer;
import io.skywire.node.api.ApiStartException;
import io.skywire.node.api.SocketFile;
import io.skywire.node.api.StatusView;
import io.skywire.node.app.ApplicationLoops;
import io.skywire.node.app.Publications;
import io.skywire.node.config.HostPort;
import io.skywire.node.config.KeyFile;
import io.skywire.node.config.KeyFileException;
import io.skywire.node.config.NodeConfig;
import io.skywire.node.control.ControlLink;
import io.skywire.node.control.ControlSettings;
import io.skywire.node.control.GatewayLanes;
import io.skywire.node.loops.EventLoops;
import io.skywire.node.loops.LoopUsage;
import io.skywire.node.metrics.MetricsServer;
import io.skywire.node.metrics.MetricsStartException;
import io.skywire.node.router.Router;
import io.skywire.node.rules.RuleKeeper;
import io.skywire.node.rules.RuleLog;
import io.skywire.node.session.PeerSessions;
import io.skywire.node.session.SessionSettings;
import io.skywire.node.transport.CongestionControl;
import io.skywire.node.transport.Ingress;
import io.skywire.node.transport.TcpSettings;
import io.skywire.node.transport.TcpTransports;
import io.skywire.node.transport.TransportListener;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.node.NodeAddress;
import io.skywire.shared.node.NodeFacts;
import io.skywire.shared.time.MachineClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One node: every room, built by constructor in the order of the data's way, closed in reverse.
///
/// Several nodes live in one JVM; nothing here is static but the logger.
public final class Node implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Node.class);
    private static final Duration UPKEEP = Duration.ofSeconds(2);
    private static final Duration LOOK_AT_LINKS = Duration.ofMillis(500);
    private static final Duration LOOK_AROUND = Duration.ofSeconds(1);
    private static final Duration CLOSE_STEP = Duration.ofSeconds(3);

    private final Deque<Closing> closings = new ArrayDeque<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final NodeAnswers answers;

    /// Returns when the node listens everywhere it should; links and the control plane come up by themselves.
    ///
    /// @throws NodeStartException if the machine does not give what the config asks for, such as a port in use
    public static Node start(NodeConfig config, String version) throws NodeStartException {
        return new Node(config, version);
    }

    private Node(NodeConfig config, String version) throws NodeStartException {
        try {
            this.answers = build(config, version);
        } catch (IOException
                | KeyFileException
                | ApiStartException
                | MetricsStartException
                | IllegalArgumentException refused) {
            closeAll();
            throw new NodeStartException(String.valueOf(refused.getMessage()), refused);
        } catch (RuntimeException | Error bug) {
            closeAll();
            throw bug;
        }
    }

    private NodeAnswers build(NodeConfig config, String version)
            throws IOException, KeyFileException, ApiStartException, MetricsStartException {
        // First of all: a second start must hear that this node runs, not that its addresses are taken.
        SocketFile apiSocket = SocketFile.claim(config.apiSocket());
        closing(apiSocket::close);
        KeyPair keys = KeyFile.read(config.keyFile());
        SecureRandom random = new SecureRandom();
        InstantSource clock = MachineClock.ofThisProcess();
        NodeCounters counters = new NodeCounters();

        EventLoopGroup loops = EventLoops.open("node-loop", config.eventLoops());
        closing(() -> loops.shutdownGracefully(0, CLOSE_STEP.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_STEP.toMillis()));
        EventLoopGroup applications = ApplicationLoops.create(config.eventLoops());
        closing(() -> applications
                .shutdownGracefully(0, CLOSE_STEP.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_STEP.toMillis()));
        RuleLog ruleLog = new RuleLog(config.stateDir(), oneThread("node-disk"));
        closing(ruleLog::close);
        ScheduledExecutorService timers = oneThread("node-timers");
        ScheduledExecutorService controlThread = oneThread("node-control");

        ControlLink control =
                new ControlLink(controlSettings(config), keys, "skywire-node/" + version, controlThread, clock, random);
        Publications publications = new Publications(applications);
        PeerSessions sessions = new PeerSessions(
                keys, loops, control, publications, publications, sessionSettings(config), clock, random);
        RouteWitness routeEnds = new RouteWitness(sessions, control);
        Router router = new Router(
                new Router.Settings(config.maxRules()), routeEnds, control, timers, System::nanoTime, random);
        RuleKeeper rules = new RuleKeeper(keys.publicKey(), config.setupKeys(), router.table(), clock, ruleLog);
        rules.restore();
        LinkWitness witness = new LinkWitness(router, control, counters);
        TcpTransports transports = new TcpTransports(keys, tcpSettings(config), loops, router, witness, clock, random);
        closing(() -> transports.close(CLOSE_STEP));
        Optional<NodeGateways> gateways = NodeGateways.of(config.gateways(), keys, loops, clock, random);
        Ingress.Factory ingresses =
                gateways.map(rooms -> rooms.beside((Ingress.Factory) router)).orElse(router);
        TransportListener listener =
                gateways.map(rooms -> rooms.beside((TransportListener) witness)).orElse(witness);
        Optional<NodeMessaging> messaging = config.messaging()
                .map(section -> NodeMessaging.of(section, keys, loops.next(), ingresses, listener, clock, random));
        messaging.ifPresent(rooms -> closing(() -> rooms.close(CLOSE_STEP)));
        gateways.ifPresent(rooms -> closing(() -> rooms.close(CLOSE_STEP)));
        closing(control::close);
        closing(() -> sessions.close(CLOSE_STEP).toCompletableFuture().join());

        Optional<InetSocketAddress> listening = Optional.empty();
        if (config.listen().isPresent()) {
            listening = Optional.of(transports.listen(config.listen().get().resolve()));
        }
        NodeDoors doors = NodeDoors.open(config, sessions, publications, applications);
        closing(doors::close);
        HopelessDials dials = new HopelessDials(config.transports(), transports, System::nanoTime);
        ReachabilityWatch reachability = new ReachabilityWatch(
                ReachabilityWatch.Asks.of(control),
                dialledAt(config, listening),
                dials::inDoubt,
                clock,
                System::nanoTime,
                random);
        NodeAnswers node = new NodeAnswers(
                config,
                keys.publicKey(),
                version,
                clock,
                listening,
                control,
                transports,
                messaging,
                router,
                rules,
                sessions,
                publications,
                doors,
                counters,
                reachability,
                ruleLog);
        if (config.metrics().isPresent()) {
            MetricsServer metrics =
                    MetricsServer.start(config.metrics().get().resolve(), new NodeNumbers(node, LoopUsage.of(loops)));
            closing(metrics::close);
            node.metricsAt(metrics.address());
        }
        ApiServer api = ApiServer.start(apiSocket, node);
        closing(api::close);

        config.transports()
                .forEach(link -> link.address()
                        .ifPresent(address -> transports.keep(link.peer(), address.host(), address.port())));
        messaging.ifPresent(rooms -> {
            rooms.mailbox().start();
            NeighbourLinks links = new NeighbourLinks(
                    keys.publicKey(),
                    config.transports(),
                    transports,
                    rooms.transports(),
                    router.table(),
                    sessions::reroute,
                    System::nanoTime);
            every(timers, LOOK_AT_LINKS, links::look);
        });
        control.tell(facts(config, listening));
        Optional<GatewayLanes> lanes =
                gateways.flatMap(rooms -> messaging.map(servers -> rooms.lanes(servers.transports(), applications)));
        control.start(rules, lanes.orElse(GatewayLanes.NONE));
        NetworkChanges network = new NetworkChanges(NetworkChanges::ofThisMachine, System::nanoTime);
        every(timers, LOOK_AROUND, () -> {
            if (network.brought()) {
                log.info("this machine has a new address: neighbours that could not be dialled are dialled again");
                reachability.askAnew();
                dials.dialAnew();
            }
            reachability.look();
            dials.look(reachability::isUnreachable);
        });
        every(
                timers,
                UPKEEP,
                () -> router.upkeep(gone -> {
                    rules.expired(gone);
                    control.expired(gone);
                }));
        return node;
    }

    /// A step that fails once is told, and is tried again: it must not end all that would follow.
    private static void every(ScheduledExecutorService timers, Duration period, Runnable step) {
        Runnable guarded = () -> {
            try {
                step.run();
            } catch (RuntimeException bug) {
                log.error("a periodic step failed because of a bug", bug);
            }
        };
        var unused = timers.scheduleAtFixedRate(guarded, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Where this node may be dialled, as it knows, whether others may read that or not.
    private static List<String> dialledAt(NodeConfig config, Optional<InetSocketAddress> listening) {
        return config.announced().isEmpty()
                ? listening.stream()
                        .map(bound -> new HostPort(config.listen().orElseThrow().host(), bound.getPort()).toString())
                        .toList()
                : config.announced().stream().map(NodeAddress::toString).toList();
    }

    private static NodeFacts facts(NodeConfig config, Optional<InetSocketAddress> listening) {
        return switch (config.visibility()) {
            case HIDDEN -> NodeFacts.HIDDEN;
            case PUBLIC ->
                NodeFacts.publicAt(
                        config.announced().isEmpty()
                                ? listening.stream()
                                        .map(bound -> new NodeAddress(
                                                config.listen().orElseThrow().host(), bound.getPort()))
                                        .toList()
                                : config.announced());
        };
    }

    public StatusView status() {
        return answers.status();
    }

    private static TcpSettings tcpSettings(NodeConfig config) {
        return TcpSettings.defaults().withCongestionControl(new CongestionControl(config.congestionControl()));
    }

    private static SessionSettings sessionSettings(NodeConfig config) {
        return SessionSettings.DEFAULTS.with(
                switch (config.standby()) {
                    case ON -> SessionSettings.Standby.KEPT;
                    case USED -> SessionSettings.Standby.USED;
                    case OFF -> SessionSettings.Standby.NONE;
                });
    }

    private static ControlSettings controlSettings(NodeConfig config) {
        return ControlSettings.of(
                config.controlPlanes().stream()
                        .map(plane -> new ControlSettings.Endpoint(
                                plane.address().host(),
                                plane.address().port(),
                                switch (plane.tls()) {
                                    case NodeConfig.Tls.Off off -> new ControlSettings.Tls.Off();
                                    case NodeConfig.Tls.System system -> new ControlSettings.Tls.SystemTrust();
                                    case NodeConfig.Tls.CaFile ca -> new ControlSettings.Tls.Authority(ca.file());
                                }))
                        .toList(),
                config.serviceKeys(),
                config.gateways());
    }

    /// A thread whose delayed work dies with it, so that a node ends at once.
    private ScheduledExecutorService oneThread(String name) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory(name, true));
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
        executor.setRemoveOnCancelPolicy(true);
        closing(() -> {
            executor.shutdown();
            if (!executor.awaitTermination(CLOSE_STEP.toMillis(), TimeUnit.MILLISECONDS)) {
                executor.shutdownNow();
            }
        });
        return executor;
    }

    private void closing(Closing step) {
        closings.push(step);
    }

    /// One step of closing; each has its own deadline.
    private interface Closing {
        void run() throws InterruptedException;
    }

    /// Ends the node within seconds: doors first, then sessions, then links. A second call does nothing.
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
                log.warn("a part of the node did not close", stubborn);
            }
        }
    }
}
