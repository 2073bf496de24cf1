package io.skywire.local;

import io.skywire.shared.key.PublicKey;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// One control plane in a process of its own over an embedded PostgreSQL, for drills and benchmarks that bring their
/// own agents and clients; further replicas on request. Ports, keys and data stay the same over [#crash] and
/// [#restart]. For one thread, except [#close].
public final class ControlPlaneAlone implements AutoCloseable {
    private static final String DEFAULT_HEAP = "768m";

    private final Installation installation;
    private final StateDirectory state;
    private final Map<String, String> settings;
    private volatile EmbeddedDatabase database;
    private final int httpPort;
    private final int grpcPort;
    private final int databasePort;
    private final String heap;
    private ControlPlaneProcess process;
    private final PortBook ports;
    private final List<ControlPlaneProcess> replicas = new ArrayList<>();
    private boolean closed;

    private ControlPlaneAlone(
            Installation installation,
            StateDirectory state,
            PortBook ports,
            Map<String, String> settings,
            String heap) {
        this.heap = heap;
        this.installation = installation;
        this.state = state;
        this.settings = Map.copyOf(settings);
        this.ports = ports;
        httpPort = ports.port("control-plane.http");
        grpcPort = ports.port("control-plane.grpc");
        databasePort = ports.port("postgres");
        database = startServer();
        process = startProcess(installation, "control-plane", httpPort, grpcPort);
    }

    /// Starts both and waits until the control plane is ready.
    ///
    /// @param settings of the control plane by name, as `skywire.agent.lease` → `10s`
    /// @throws MachineLacks if PostgreSQL cannot start here
    /// @throws NetworkFailure if the control plane does not get ready
    public static ControlPlaneAlone start(RunHome home, Map<String, String> settings) {
        return start(home, settings, DEFAULT_HEAP);
    }

    /// With another limit of the control planes' heap, as `1g`.
    public static ControlPlaneAlone start(RunHome home, Map<String, String> settings, String heap) {
        return start(Installation.ofThisProcess(), home.state(), settings, heap);
    }

    static ControlPlaneAlone start(Installation installation, StateDirectory state, Map<String, String> settings) {
        return start(installation, state, settings, DEFAULT_HEAP);
    }

    private static ControlPlaneAlone start(
            Installation installation, StateDirectory state, Map<String, String> settings, String heap) {
        PortBook ports = PortBook.open(state.ports(), new SecureRandom());
        ControlPlaneAlone alone = new ControlPlaneAlone(installation, state, ports, settings, heap);
        try {
            alone.process.awaitReady();
            return alone;
        } catch (RuntimeException failure) {
            alone.close();
            throw failure;
        }
    }

    /// The URL of a path of its HTTP side.
    public URI http(String path) {
        return process.http(path);
    }

    /// Where agents open their sessions.
    public InetSocketAddress agents() {
        return new InetSocketAddress("127.0.0.1", grpcPort);
    }

    public PublicKey serviceKey() {
        return process.serviceKey();
    }

    public PublicKey setupKey() {
        return process.setupKey();
    }

    /// The process id of the control plane that runs now.
    public long pid() {
        return process.child().pid();
    }

    /// A connection to its database.
    public Connection database() throws SQLException {
        return database.connect();
    }

    /// The process ids of all control planes that were started and not crashed since.
    public synchronized List<Long> pids() {
        return Stream.concat(Stream.of(process), replicas.stream())
                .filter(one -> one.child().isAlive())
                .map(one -> one.child().pid())
                .toList();
    }

    /// Stops PostgreSQL in order; the control planes go on.
    public synchronized void stopDatabase() {
        database.close();
    }

    /// SIGKILL to all of PostgreSQL; the control planes go on.
    public synchronized void crashDatabase() {
        database.crash();
    }

    /// Starts PostgreSQL again over the same data and on the same port, after [#stopDatabase] or [#crashDatabase].
    public synchronized void startDatabase() {
        if (closed) {
            throw new NetworkFailure("ended while starting");
        }
        database = startServer();
    }

    private EmbeddedDatabase startServer() {
        return EmbeddedDatabase.start(state.postgres(), state.binaries(), state.log("postgres"), databasePort);
    }

    /// SIGKILL to the control plane; PostgreSQL goes on.
    public synchronized void crash() {
        process.child().crash();
    }

    /// Starts the control plane again after [#crash] and returns at once; [#awaitReady] waits.
    public synchronized void restart() {
        if (closed) {
            throw new NetworkFailure("ended while starting");
        }
        process = startProcess(installation, "control-plane", httpPort, grpcPort);
    }

    /// SIGTERM to one that [#addReplica] started, 1 for the first of them. Answers how long it took to end; empty if
    /// it had to be killed after `grace`.
    public Optional<Duration> drain(int replica, Duration grace) {
        ChildProcess child;
        synchronized (this) {
            child = replicas.get(replica - 1).child();
        }
        return child.drain(grace);
    }

    /// SIGKILL to one of the control planes, 0 for the first, then in the order of [#addReplica].
    public synchronized void crash(int replica) {
        (replica == 0 ? process : replicas.get(replica - 1)).child().crash();
    }

    /// Starts one again after [#crash(int)], where it listened before, and waits until it is ready.
    ///
    /// @throws NetworkFailure if it does not get ready
    public void restart(int replica) {
        ControlPlaneProcess started;
        synchronized (this) {
            if (closed) {
                throw new NetworkFailure("ended while starting");
            }
            if (replica == 0) {
                process = startProcess(installation, "control-plane", httpPort, grpcPort);
                started = process;
            } else {
                ControlPlaneProcess before = replicas.get(replica - 1);
                started = startProcess(
                        installation, "control-plane-" + (replica + 1), before.httpPort(), before.grpcPort());
                replicas.set(replica - 1, started);
            }
        }
        started.awaitReady();
    }

    /// Where a further control plane over the same database listens.
    ///
    /// @param http the root of its HTTP side
    /// @param agents where agents open their sessions
    public record Replica(URI http, InetSocketAddress agents) {}

    /// Starts one more control plane with the same keys and database, and waits until it is ready. It ends with this.
    ///
    /// @throws NetworkFailure if it does not get ready
    public Replica addReplica() {
        return addReplicaOf(installation);
    }

    /// As [#addReplica()], of another build.
    public Replica addReplicaOf(Installation build) {
        ControlPlaneProcess replica;
        synchronized (this) {
            if (closed) {
                throw new NetworkFailure("ended while starting");
            }
            String name = "control-plane-" + (replicas.size() + 2);
            replica = startProcess(build, name, ports.port(name + ".http"), ports.port(name + ".grpc"));
            replicas.add(replica);
        }
        replica.awaitReady();
        return new Replica(replica.http(""), new InetSocketAddress("127.0.0.1", replica.grpcPort()));
    }

    /// @throws NetworkFailure if the control plane does not get ready
    public void awaitReady() {
        process.awaitReady();
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            ChildProcess.endAll(
                    Stream.concat(Stream.of(process), replicas.stream())
                            .map(ControlPlaneProcess::child)
                            .toList(),
                    LocalNetwork.CONTROL_PLANE_END);
            database.close();
        }
    }

    private ControlPlaneProcess startProcess(Installation build, String name, int httpPort, int grpcPort) {
        return ControlPlaneProcess.start(
                name,
                build,
                state,
                new ControlPlaneProcess.Database(database.jdbcUrl(), EmbeddedDatabase.USER, ""),
                httpPort,
                grpcPort,
                heap,
                settings);
    }
}
