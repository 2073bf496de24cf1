package io.skywire.local;

import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A running network of real processes: PostgreSQL, one control plane, a web server, and the nodes of a [Shape].
///
/// Keys, ports and the database are adopted from the state directory if they are there. [#close] ends everything in
/// order (nodes and web server, control plane, database) and may be called from another thread while [#start] is at
/// work: nothing is started after it.
final class LocalNetwork implements AutoCloseable {
    static final int WEB_PORT = 80;
    static final String SERVER = "n5";

    private static final Duration TRANSPORTS = Duration.ofSeconds(90);
    private static final Duration NODES_END = Duration.ofSeconds(15);
    private static final Duration CLOSED = Duration.ofSeconds(60);
    static final Duration CONTROL_PLANE_END = Duration.ofSeconds(30);

    private final Installation installation;
    private final StateDirectory state;
    private final Shape shape;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, NodeProcess> nodes = new LinkedHashMap<>();
    private final List<MessagingServerProcess> servers = new ArrayList<>();
    private final Map<String, Tap> ways = new LinkedHashMap<>(); // to listeners, in a shape with messaging servers
    private final Map<Shape.Link, Tap> wires = new LinkedHashMap<>(); // in a shape whose wires are tapped
    private final Map<String, Tap> controlWires = new LinkedHashMap<>();
    private final Map<String, String> settings;
    private final Clocks clocks;
    private final List<ControlPlaneProcess> replicas = new ArrayList<>(); // all but the first
    private Optional<GatewayProcess> gateway = Optional.empty();
    private @Nullable EmbeddedDatabase database;
    private @Nullable ControlPlaneProcess controlPlane;
    private @Nullable WebServer web;
    private boolean closed;
    private boolean jsonLog;
    private volatile boolean ended;

    LocalNetwork(Installation installation, StateDirectory state, Shape shape) {
        this(installation, state, shape, Map.of(), Clocks.RIGHT);
    }

    /// @param settings of the control plane by name, as `skywire.discovery.lease` → `10s`
    LocalNetwork(
            Installation installation, StateDirectory state, Shape shape, Map<String, String> settings, Clocks clocks) {
        this.settings = Map.copyOf(settings);
        this.clocks = clocks;
        this.installation = installation;
        this.state = state;
        this.shape = shape;
    }

    /// Before [#start]: control plane and nodes log JSON, and what a setup does at each hop.
    void logJson() {
        jsonLog = true;
    }

    /// What a node offers to the network from its first moment.
    enum Offer {
        /// [#SERVER] publishes the web server on port 80.
        WEB_SERVER,
        NOTHING
    }

    /// Starts everything and returns when every node is ready and every link is up at both its ends.
    void start(Offer offer, Progress progress) {
        SecureRandom random = new SecureRandom();
        PortBook ports = PortBook.open(state.ports(), random);
        progress.step(
                "PostgreSQL",
                () -> whileOpen(() -> {
                    EmbeddedDatabase.endLeftOver(state.postgres()); // it holds the port that is kept for the next
                    database = EmbeddedDatabase.start(
                            state.postgres(), state.binaries(), state.log("postgres"), ports.port("postgres"));
                }));
        progress.step("control plane", () -> {
            whileOpen(() -> controlPlane =
                    startControlPlane(ports.port("control-plane.http"), ports.port("control-plane.grpc")));
            whileOpen(() -> web = WebServer.start(installation, state, ports.port("web")));
            controlPlane().awaitReady();
            startReplicas(ports);
            web().awaitReady();
        });
        if (shape.servers() > 0) {
            progress.step(shape.servers() + " messaging servers", () -> startServers(ports, random));
        }
        if (shape.needsGateway()) {
            progress.step("gateway", () -> startGateway(ports, random));
        }
        List<NodeConfig> configs = configure(ports, random, offer);
        progress.step(configs.size() + " nodes", () -> {
            for (NodeConfig config : configs) {
                whileOpen(() -> nodes.put(config.name(), startNode(config)));
            }
            nodes().forEach(NodeProcess::awaitReady);
        });
        progress.step(shape.links().size() + " links, up at both ends", this::awaitTransports);
    }

    private void startReplicas(PortBook ports) {
        for (int i = 2; i <= shape.controlPlanes(); i++) {
            String name = "control-plane-" + i;
            whileOpen(() ->
                    replicas.add(startControlPlane(name, ports.port(name + ".http"), ports.port(name + ".grpc"))));
        }
        List<ControlPlaneProcess> started = controlPlanes();
        started.forEach(ControlPlaneProcess::awaitReady);
    }

    private void startServers(PortBook ports, SecureRandom random) {
        for (int i = 1; i <= shape.servers(); i++) {
            String name = "m" + i;
            whileOpen(() -> servers.add(MessagingServerProcess.start(
                    installation, state, name, ports, controlPlane().http(""), random)));
        }
        servers().forEach(MessagingServerProcess::awaitReady);
    }

    private void startGateway(PortBook ports, SecureRandom random) {
        URI discovery = controlPlane().http("");
        whileOpen(() -> gateway =
                Optional.of(GatewayProcess.start(installation, state, ports, controlPlane(), discovery, random)));
        gateway.ifPresent(GatewayProcess::awaitReady);
    }

    private ControlPlaneProcess startControlPlane(int httpPort, int grpcPort) {
        return startControlPlane("control-plane", httpPort, grpcPort);
    }

    private ControlPlaneProcess startControlPlane(String name, int httpPort, int grpcPort) {
        return ControlPlaneProcess.start(
                name,
                installation,
                state,
                new ControlPlaneProcess.Database(database().jdbcUrl(), EmbeddedDatabase.USER, ""),
                httpPort,
                grpcPort,
                ControlPlaneProcess.USUAL_HEAP,
                allSettings());
    }

    private Map<String, String> allSettings() {
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.putAll(clocks.settingsOfControlPlane());
        if (shape.servers() > 0) {
            all.put("skywire.messaging.loopback-servers", "allowed");
        }
        if (jsonLog) {
            all.put("skywire.json-log", "true");
            all.put("logging.level.io.skywire.control.setup.SetupLog", "debug");
        }
        return all;
    }

    private NodeProcess startNode(NodeConfig config) {
        List<String> flags = new ArrayList<>(clocks.flagsOf(config.name()));
        if (jsonLog) {
            flags.addAll(List.of("-Dskywire.log.format=json", "-Dskywire.log.level=debug"));
        }
        return NodeProcess.start(installation, state, config, flags);
    }

    /// SIGKILL to the control plane; PostgreSQL goes on.
    void crashControlPlane() {
        controlPlane().child().crash();
    }

    /// Starts the control plane again after [#crashControlPlane()] and returns at once.
    void restartControlPlane() {
        ControlPlaneProcess before = controlPlane();
        whileOpen(() -> controlPlane = startControlPlane(before.httpPort(), before.grpcPort()));
    }

    /// SIGKILL to a node.
    void crash(String name) {
        node(name).child().crash();
    }

    /// Starts a node again after [#crash(String)] and returns at once.
    void restart(String name) {
        NodeConfig config = node(name).config();
        whileOpen(() -> nodes.put(name, startNode(config)));
    }

    /// What leads from the dialler of that link to its listener.
    Tap wire(Shape.Link link) {
        Tap tap = wires.get(link);
        if (tap == null) {
            throw new IllegalArgumentException("no wire leads from " + link.dialler() + " to " + link.listener());
        }
        return tap;
    }

    /// What leads from that node to the control plane.
    Tap controlWire(String name) {
        return of(controlWires, name);
    }

    private int wire(PortBook ports, Shape.Link link, int listens) {
        int port = ports.port(link.dialler() + "." + link.listener() + ".wire");
        Tap tap = new Tap(port, listens);
        tap.open();
        wires.put(link, tap);
        return port;
    }

    private int controlWire(PortBook ports, String name) {
        int port = ports.port(name + ".control-wire");
        Tap tap = new Tap(port, controlPlane().grpcPort());
        tap.open();
        controlWires.put(name, tap);
        return port;
    }

    private int listenerOf(PortBook ports, Map<String, NodeConfig.Ports> doors, Shape.Link link) {
        int listens = of(doors, link.listener()).listen();
        return switch (shape.wires()) {
            case STRAIGHT -> shape.servers() > 0 ? way(ports, doors, link.listener()) : listens;
            case TAPPED -> wire(ports, link, listens);
        };
    }

    private int controlPlaneOf(PortBook ports, String name) {
        return switch (shape.wires()) {
            case STRAIGHT -> controlPlane().grpcPort();
            case TAPPED -> controlWire(ports, name);
        };
    }

    /// In the order in which that node tries them: another one first for each next node.
    private List<Integer> controlPlanesOf(PortBook ports, String name, int number) {
        List<Integer> all = new ArrayList<>();
        all.add(controlPlaneOf(ports, name));
        controlPlanes().stream().skip(1).forEach(replica -> all.add(replica.grpcPort()));
        Collections.rotate(all, number);
        return all;
    }

    private List<NodeConfig> configure(PortBook ports, SecureRandom random, Offer offer) {
        Map<String, PublicKey> keys = new LinkedHashMap<>();
        Map<String, NodeConfig.Ports> doors = new LinkedHashMap<>();
        for (Shape.Member member : shape.members()) {
            String name = member.name();
            Path directory = state.node(name);
            NodeConfig.makeDirectory(directory);
            keys.put(name, KeyFile.adopt(directory.resolve("node.key"), random).publicKey());
            doors.put(
                    name,
                    new NodeConfig.Ports(
                            ports.port(name + ".listen"),
                            ports.port(name + ".socks"),
                            ports.port(name + ".http_connect"),
                            ports.port(name + ".metrics")));
        }
        PublicKey nobodys = KeyPair.generate(random).publicKey();
        List<NodeConfig> configs = new ArrayList<>();
        for (Shape.Member member : shape.members()) {
            String name = member.name();
            Map<PublicKey, Integer> links = new LinkedHashMap<>();
            for (String peer : shape.dialledBy(name)) {
                links.put(of(keys, peer), listenerOf(ports, doors, new Shape.Link(name, peer)));
            }
            configs.add(new NodeConfig(
                            name,
                            state.node(name),
                            of(keys, name),
                            of(doors, name),
                            switch (member.reach()) {
                                case DIRECTLY -> controlPlanesOf(ports, name, configs.size());
                                case BY_GATEWAY -> List.of(ports.port(name + ".blocked")); // nobody listens there
                            },
                            controlPlane().serviceKey(),
                            switch (member.obedience()) {
                                case CONTROL_PLANE -> controlPlane().setupKey();
                                case STRANGERS_KEY -> nobodys;
                            },
                            switch (member.reach()) {
                                case DIRECTLY -> List.of();
                                case BY_GATEWAY ->
                                    gateway.map(GatewayProcess::key).stream().toList();
                            },
                            links,
                            shape.servers() > 0 ? Optional.of(controlPlane().http("")) : Optional.empty(),
                            offer == Offer.WEB_SERVER && name.equals(SERVER)
                                    ? Map.of(WEB_PORT, web().port())
                                    : Map.of(),
                            keys)
                    .write(
                            switch (shape.standby()) {
                                case KEPT -> Map.of();
                                case NONE -> Map.of("standby", false);
                            }));
        }
        return configs;
    }

    /// Where others dial that node, in vain as long as the way is not opened.
    private int way(PortBook ports, Map<String, NodeConfig.Ports> doors, String name) {
        int port = ports.port(name + ".dialled");
        ways.putIfAbsent(name, new Tap(port, of(doors, name).listen()));
        return port;
    }

    /// The direct way to that node, which is closed at first.
    Tap wayTo(String name) {
        return of(ways, name);
    }

    List<MessagingServerProcess> servers() {
        lock.lock();
        try {
            return List.copyOf(servers);
        } finally {
            lock.unlock();
        }
    }

    private void awaitTransports() {
        AtomicReference<String> waitingFor = new AtomicReference<>("");
        boolean up = Patience.until(TRANSPORTS, () -> {
            waitingFor.set("");
            ask("status").forEach((name, status) -> {
                if (!isLinked(name, status)) {
                    waitingFor.set(name + ", which says " + status);
                }
            });
            return waitingFor.get().isEmpty();
        });
        if (!up) {
            throw new NetworkFailure("after " + TRANSPORTS.toSeconds() + " s not all transports are up and connected to"
                    + " the control plane; waiting for " + waitingFor + "; logs are in " + state.logs());
        }
    }

    private boolean isLinked(String name, JsonNode status) {
        return status.path("counts").path("transports_up").asInt(-1) == shape.degree(name)
                && status.path("control_plane").path("connected_to").isString();
    }

    /// A listing of every node, by name; see [NodeProcess#ask].
    Map<String, JsonNode> ask(String view) {
        return NodeProcess.ask(installation, nodes(), view);
    }

    Collection<NodeProcess> nodes() {
        lock.lock();
        try {
            return List.copyOf(nodes.values());
        } finally {
            lock.unlock();
        }
    }

    NodeProcess node(String name) {
        return nodes().stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no node is called " + name));
    }

    ControlPlaneProcess controlPlane() {
        return started(controlPlane, "the control plane");
    }

    /// All replicas, the first one first.
    List<ControlPlaneProcess> controlPlanes() {
        lock.lock();
        try {
            List<ControlPlaneProcess> all = new ArrayList<>(replicas);
            all.addFirst(controlPlane());
            return all;
        } finally {
            lock.unlock();
        }
    }

    Optional<GatewayProcess> gateway() {
        return gateway;
    }

    EmbeddedDatabase database() {
        return started(database, "the database");
    }

    WebServer web() {
        return started(web, "the web server");
    }

    Shape shape() {
        return shape;
    }

    StateDirectory state() {
        return state;
    }

    /// The processes that have ended although nobody asked them to; none once this network is being ended.
    List<ChildProcess> dead() {
        List<ChildProcess> dead =
                children().stream().filter(child -> !child.isAlive()).toList();
        lock.lock();
        try {
            return closed ? List.of() : dead;
        } finally {
            lock.unlock();
        }
    }

    List<ChildProcess> children() {
        lock.lock();
        try {
            List<ChildProcess> children = new ArrayList<>();
            nodes.values().forEach(node -> children.add(node.child()));
            servers.forEach(server -> children.add(server.child()));
            gateway.ifPresent(process -> children.add(process.child()));
            if (web != null) {
                children.add(web.child());
            }
            if (controlPlane != null) {
                children.add(controlPlane.child());
                replicas.forEach(replica -> children.add(replica.child()));
            }
            return children;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        boolean first;
        lock.lock();
        try {
            first = !closed;
            closed = true;
        } finally {
            lock.unlock();
        }
        if (!first) {
            Patience.until(CLOSED, () -> ended); // who cleans up afterwards must not do so under a living server
            return;
        }
        try {
            List<ChildProcess> children = children();
            List<ChildProcess> last = controlPlane == null
                    ? List.of()
                    : controlPlanes().stream().map(ControlPlaneProcess::child).toList();
            ChildProcess.endAll(
                    children.stream().filter(child -> !last.contains(child)).toList(), NODES_END);
            ChildProcess.endAll(last, CONTROL_PLANE_END);
            servers().forEach(server -> server.tap().close());
            ways.values().forEach(Tap::close);
            wires.values().forEach(Tap::close);
            controlWires.values().forEach(Tap::close);
            if (database != null) {
                database.close();
            }
            state.close();
        } finally {
            ended = true;
        }
    }

    /// Starting and closing exclude each other, so that nothing slips through between the two.
    private void whileOpen(Runnable start) {
        lock.lock();
        try {
            if (closed) {
                throw new NetworkFailure("ended while starting");
            }
            start.run();
        } finally {
            lock.unlock();
        }
    }

    private static <T> T started(@Nullable T part, String what) {
        if (part == null) {
            throw new IllegalStateException(what + " was not started");
        }
        return part;
    }

    private static <T> T of(Map<String, T> map, String name) {
        T value = map.get(name);
        if (value == null) {
            throw new IllegalStateException("node " + name + " was not configured");
        }
        return value;
    }
}
