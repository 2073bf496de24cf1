package io.skywire.local;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.rule.Rule;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Eight nodes, two control planes over one PostgreSQL and two messaging servers as real processes, each of which can
/// be killed and started again: the stage of the soak.
/// ```
///       ┌── n2 ──┐       ┌── n5 ──┐
///  n1 ──┤        ├─ n4 ──┤        ├─ n7        n1 ~~ m1, m2 ~~ n8
///       └── n3 ──┘       └── n6 ──┘
/// ```
/// n1 dials n8 where nobody listens, so that these two have messaging servers between them. For one thread, but for
/// [#close], [#connect] and [#processes].
public final class SoakStage implements AutoCloseable {
    /// What nobody kills: the ends of transfers, and n4, through which all must go.
    public static final List<String> INTERMEDIARIES = List.of("n2", "n3", "n5", "n6");

    public static final List<String> CONTROL_PLANES = List.of("control-plane-1", "control-plane-2");
    public static final List<String> MESSAGING_SERVERS = List.of("m1", "m2");

    private static final int NODES = 8;
    private static final List<List<String>> LINKS = List.of(
            List.of("n1", "n2"),
            List.of("n1", "n3"),
            List.of("n2", "n4"),
            List.of("n3", "n4"),
            List.of("n4", "n5"),
            List.of("n4", "n6"),
            List.of("n5", "n7"),
            List.of("n6", "n7"));
    private static final List<String> APART = List.of("n1", "n8");
    private static final Duration TRANSPORTS = Duration.ofSeconds(120);
    private static final Duration NODES_END = Duration.ofSeconds(15);
    private static final Map<String, String> SETTINGS = Map.of("skywire.messaging.loopback-servers", "allowed");

    private final Installation installation;
    private final StateDirectory state;
    private final SecureRandom random = new SecureRandom();
    private final PortBook ports;
    private volatile EmbeddedDatabase database;
    private final Map<String, ControlPlaneProcess> controlPlanes = new LinkedHashMap<>();
    private final Map<String, MessagingServerProcess> servers = new LinkedHashMap<>();
    private final Map<String, NodeProcess> nodes = new LinkedHashMap<>();
    private volatile Installation planesBuild;
    private boolean closed;

    private SoakStage(Installation installation, Installation planesBuild, StateDirectory state) {
        this.installation = installation;
        this.planesBuild = planesBuild;
        this.state = state;
        this.ports = PortBook.open(state.ports(), random);
        this.database = startDatabase();
    }

    private EmbeddedDatabase startDatabase() {
        return EmbeddedDatabase.start(
                state.postgres(), state.binaries(), state.log("postgres"), ports.port("postgres"));
    }

    /// Starts all of it and returns when every link is up. A signal ends it.
    ///
    /// @param published what nodes offer: network port to local port, by node
    /// @throws NetworkFailure if something does not get ready
    public static SoakStage start(RunHome home, Map<String, Map<Integer, Integer>> published, Progress progress) {
        return start(home, Installation.ofThisProcess(), published, progress);
    }

    /// As [#start(RunHome, Map, Progress)], with control planes of another build, until [#upgradeTo] names one.
    public static SoakStage start(
            RunHome home, Installation planes, Map<String, Map<Integer, Integer>> published, Progress progress) {
        SoakStage stage = new SoakStage(Installation.ofThisProcess(), planes, home.state());
        home.endOnSignal(stage::close);
        try {
            progress.step(CONTROL_PLANES.size() + " control planes", () -> CONTROL_PLANES.forEach(stage::restart));
            progress.step(
                    MESSAGING_SERVERS.size() + " messaging servers", () -> MESSAGING_SERVERS.forEach(stage::restart));
            progress.step(NODES + " nodes", () -> {
                stage.configure(published).forEach(config -> stage.startNode(config));
                stage.nodes.values().forEach(NodeProcess::awaitReady);
            });
            progress.step(LINKS.size() + 1 + " links, up at both ends", stage::awaitTransports);
            return stage;
        } catch (RuntimeException failure) {
            stage.close();
            throw failure;
        }
    }

    private List<NodeConfig> configure(Map<String, Map<Integer, Integer>> published) {
        Map<String, PublicKey> keys = new LinkedHashMap<>();
        for (int i = 1; i <= NODES; i++) {
            NodeConfig.makeDirectory(state.node("n" + i));
            keys.put(
                    "n" + i,
                    KeyFile.adopt(state.node("n" + i).resolve("node.key"), random)
                            .publicKey());
        }
        ControlPlaneProcess first = anyControlPlane();
        List<Integer> planes = controlPlanes.values().stream()
                .map(ControlPlaneProcess::grpcPort)
                .toList();
        List<NodeConfig> configs = new ArrayList<>();
        keys.forEach((name, key) -> configs.add(new NodeConfig(
                        name,
                        state.node(name),
                        key,
                        new NodeConfig.Ports(
                                ports.port(name + ".listen"),
                                ports.port(name + ".socks"),
                                ports.port(name + ".http_connect"),
                                ports.port(name + ".metrics")),
                        planes,
                        first.serviceKey(),
                        first.setupKey(),
                        List.of(),
                        dialledBy(name, keys),
                        Optional.of(first.http("")),
                        published.getOrDefault(name, Map.of()),
                        keys)
                .write()));
        return configs;
    }

    private Map<PublicKey, Integer> dialledBy(String name, Map<String, PublicKey> keys) {
        Map<PublicKey, Integer> dialled = new LinkedHashMap<>();
        keys.forEach((peer, key) -> {
            if (LINKS.contains(List.of(name, peer))) {
                dialled.put(key, ports.port(peer + ".listen"));
            } else if (APART.equals(List.of(name, peer))) {
                dialled.put(key, ports.port(peer + ".nobody"));
            }
        });
        return dialled;
    }

    private void awaitTransports() {
        AtomicReference<String> waitingFor = new AtomicReference<>("");
        if (!Patience.until(TRANSPORTS, () -> {
            waitingFor.set(String.join(", ", notLinked()));
            return waitingFor.get().isEmpty();
        })) {
            throw new NetworkFailure(
                    "after " + TRANSPORTS.toSeconds() + " s these nodes lack links or the control plane: " + waitingFor
                            + "; logs are in " + state.logs());
        }
    }

    /// The nodes that lack a link or a session with a control plane.
    public List<String> notLinked() {
        return nodes.values().stream()
                .map(NodeProcess::name)
                .filter(name -> !isLinked(name))
                .toList();
    }

    private boolean isLinked(String name) {
        long degree = Stream.concat(LINKS.stream(), Stream.of(APART))
                .filter(link -> link.contains(name))
                .count();
        try {
            JsonNode status = node(name).read("/v1/status");
            return status.path("counts").path("transports_up").asInt(-1) == degree
                    && status.path("control_plane").path("connected_to").isString();
        } catch (IOException silent) {
            return false;
        }
    }

    // --- what breaks

    /// Control planes that are started from now on are of this build.
    public void upgradeTo(Installation planes) {
        planesBuild = planes;
    }

    /// SIGTERM to a control plane, and what an orchestrator does then: it waits for the end, `grace` at most. Answers
    /// how long that took; empty if the process had to be killed.
    public Optional<Duration> drain(String name, Duration grace) {
        return child(name).drain(grace);
    }

    /// Copies the database while it runs, under a name.
    ///
    /// @param atTheEnd is called at a moment up to which all that is committed is in the copy
    public void backUp(String name, Runnable atTheEnd) {
        database.backUp(copy(name), atTheEnd);
    }

    /// SIGKILL to PostgreSQL, and its data is deleted. The control planes go on.
    public synchronized void destroyDatabase() {
        database.crash();
        StateDirectory.delete(state.postgres());
    }

    /// Starts PostgreSQL over a copy that [#backUp] made, after [#destroyDatabase].
    public synchronized void restoreDatabase(String name) {
        requireOpen();
        Copies.tree(copy(name), state.postgres(), file -> true);
        EmbeddedDatabase.keepPrivate(state.postgres());
        database = startDatabase();
    }

    private Path copy(String name) {
        return state.root().resolve("copies").resolve(name);
    }

    /// The control planes whose process has ended, although nobody here ended it.
    public synchronized List<String> endedControlPlanes() {
        return controlPlanes.entrySet().stream()
                .filter(plane -> !plane.getValue().child().isAlive())
                .map(Map.Entry::getKey)
                .toList();
    }

    /// SIGKILL.
    public void crash(String name) {
        child(name).crash();
    }

    /// Starts a process of that name, again if there was one, and returns when it is ready.
    ///
    /// @throws NetworkFailure if it does not get ready
    public void restart(String name) {
        if (CONTROL_PLANES.contains(name)) {
            startControlPlane(name).awaitReady();
        } else if (MESSAGING_SERVERS.contains(name)) {
            startServer(name).awaitReady();
        } else {
            startNode(node(name).config()).awaitReady();
        }
    }

    private synchronized ControlPlaneProcess startControlPlane(String name) {
        requireOpen();
        ControlPlaneProcess process = ControlPlaneProcess.start(
                name,
                planesBuild,
                state,
                new ControlPlaneProcess.Database(database.jdbcUrl(), EmbeddedDatabase.USER, ""),
                ports.port(name + ".http"),
                ports.port(name + ".grpc"),
                ControlPlaneProcess.USUAL_HEAP,
                SETTINGS);
        controlPlanes.put(name, process);
        return process;
    }

    private synchronized MessagingServerProcess startServer(String name) {
        requireOpen();
        MessagingServerProcess before = servers.remove(name);
        if (before != null) {
            before.tap().close();
        }
        MessagingServerProcess process = MessagingServerProcess.start(
                installation, state, name, ports, anyControlPlane().http(""), random);
        servers.put(name, process);
        return process;
    }

    private synchronized NodeProcess startNode(NodeConfig config) {
        requireOpen();
        NodeProcess process = NodeProcess.start(installation, state, config);
        nodes.put(config.name(), process);
        return process;
    }

    private void requireOpen() {
        if (closed) {
            throw new NetworkFailure("ended while starting");
        }
    }

    // --- what is seen

    /// The HTTP ports of the control planes that say they are ready, in no order.
    public synchronized List<ControlPlaneDoor> doors() {
        return controlPlanes.entrySet().stream()
                .map(plane ->
                        new ControlPlaneDoor(plane.getKey(), plane.getValue().http("")))
                .toList();
    }

    /// Where a control plane listens for HTTP.
    public record ControlPlaneDoor(String name, URI http) {}

    /// How often nodes lost their session with a control plane and had no other so far, by what they log of it.
    public long sessionsLostByNodes() {
        return List.copyOf(nodes.values()).stream()
                .flatMap(node -> node.child().lines().stream())
                .filter(line -> line.contains("no session with the control plane"))
                .count();
    }

    /// Makes `from` end what it has with `to` and dial it anew. Nothing if there is a session now, else why not.
    public Optional<String> redial(String from, String to) {
        NodeProcess node = node(from);
        String peer = "{\"peer\":\"" + node(to).key().hex() + "\"}";
        try {
            node.post("/v1/hangup", peer);
            return Optional.of(node.post("/v1/dial", peer)).filter(answer -> !answer.startsWith("200"));
        } catch (IOException silent) {
            return Optional.of(from + " does not answer: " + silent.getMessage());
        }
    }

    /// Every process that runs now: its name and its process id.
    public synchronized Map<String, Long> processes() {
        Map<String, Long> running = new LinkedHashMap<>();
        controlPlanes.forEach(
                (name, process) -> running.put(name, process.child().pid()));
        servers.forEach((name, process) -> running.put(name, process.child().pid()));
        nodes.forEach((name, process) -> running.put(name, process.child().pid()));
        return running;
    }

    /// A connection through the SOCKS door of `from` to what `to` offers.
    ///
    /// @throws IOException if it is refused or takes longer than `patience`, which reads on it wait for too
    public Socket connect(String from, String to, int networkPort, Duration patience) throws IOException {
        return SocksDoor.connect(
                node(from).config().ports().socks(), node(to).key().base32() + ".sky", networkPort, patience);
    }

    /// How many links there are between its nodes.
    public int links() {
        return LINKS.size() + 1;
    }

    /// Where agents open their sessions.
    public List<InetSocketAddress> agents() {
        return controlPlanes.values().stream()
                .map(process -> new InetSocketAddress("127.0.0.1", process.grpcPort()))
                .toList();
    }

    public PublicKey serviceKey() {
        return anyControlPlane().serviceKey();
    }

    public PublicKey setupKey() {
        return anyControlPlane().setupKey();
    }

    public Connection database() throws SQLException {
        return database.connect();
    }

    /// Rules in tables that the ledger does not hold live for their node, and live ones that no table holds.
    ///
    /// @param simulated the tables of nodes that are no processes
    public List<String> unlikeTheLedger(Map<PublicKey, Collection<Rule>> simulated) {
        RuleLedgerReader ledger = RuleLedgerReader.read(database);
        List<String> unlike = new ArrayList<>();
        for (NodeProcess node : List.copyOf(nodes.values())) {
            List<String> held = new ArrayList<>();
            try {
                node.read("/v1/rules").forEach(rule -> held.add(RuleLedgerReader.name(rule)));
            } catch (IOException silent) {
                throw new NetworkFailure(node.name() + " does not tell its rules: " + silent.getMessage());
            }
            compare(node.name(), held, ledger.of(node.key()), unlike);
        }
        simulated.forEach((key, rules) -> compare(
                key.shortHex(),
                rules.stream().map(rule -> RuleLedgerReader.name(rule.key())).toList(),
                ledger.of(key),
                unlike));
        return unlike;
    }

    /// Rules in the tables of all nodes.
    public long rules() {
        long rules = 0;
        for (NodeProcess node : List.copyOf(nodes.values())) {
            try {
                rules += node.read("/v1/rules").size();
            } catch (IOException silent) {
                throw new NetworkFailure(node.name() + " does not tell its rules: " + silent.getMessage());
            }
        }
        return rules;
    }

    private static void compare(String node, List<String> held, Set<String> wanted, List<String> unlike) {
        held.stream().filter(rule -> !wanted.contains(rule)).forEach(rule -> unlike.add(node + " holds " + rule));
        wanted.stream().filter(rule -> !held.contains(rule)).forEach(rule -> unlike.add(node + " lacks " + rule));
    }

    private ControlPlaneProcess anyControlPlane() {
        return controlPlanes.values().iterator().next();
    }

    private synchronized NodeProcess node(String name) {
        NodeProcess node = nodes.get(name);
        if (node == null) {
            throw new IllegalArgumentException("no node is called " + name);
        }
        return node;
    }

    private synchronized ChildProcess child(String name) {
        ControlPlaneProcess plane = controlPlanes.get(name);
        MessagingServerProcess server = servers.get(name);
        return plane != null
                ? plane.child()
                : server != null ? server.child() : node(name).child();
    }

    @Override
    public void close() {
        List<ChildProcess> first = new ArrayList<>();
        List<ChildProcess> last = new ArrayList<>();
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            nodes.values().forEach(node -> first.add(node.child()));
            servers.values().forEach(server -> first.add(server.child()));
            controlPlanes.values().forEach(plane -> last.add(plane.child()));
        }
        ChildProcess.endAll(first, NODES_END);
        ChildProcess.endAll(last, LocalNetwork.CONTROL_PLANE_END);
        servers.values().forEach(server -> server.tap().close());
        database.close();
    }
}
