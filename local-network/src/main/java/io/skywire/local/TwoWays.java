package io.skywire.local;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Two nodes with two ways between them that share nothing, each over three intermediaries, and a control plane, as
/// real processes: the stage of drills. Nodes go by their names. For one thread, but for [#close].
public final class TwoWays implements AutoCloseable {
    /// The node in the middle of each way.
    public static final List<String> MIDDLES = List.of("n3", "n7");

    private static final String NEAR = "n1";
    private static final String FAR = LocalNetwork.SERVER;
    private static final Duration ROUTABLE = Duration.ofSeconds(30);
    private static final int BUFFER = 2 * 1024 * 1024;
    private static final Duration READ = Duration.ofSeconds(30);

    private final Installation installation;
    private final LocalNetwork network;

    private TwoWays(Installation installation, LocalNetwork network) {
        this.installation = installation;
        this.network = network;
    }

    /// Whether sessions keep a second route.
    public enum Sessions {
        WITH_STANDBY,
        WITHOUT_STANDBY
    }

    /// Starts all of it and returns when every link is up. A signal ends it.
    ///
    /// @throws NetworkFailure if something does not get ready
    public static TwoWays start(RunHome home, Sessions sessions, Progress progress) {
        Installation installation = Installation.ofThisProcess();
        LocalNetwork network = new LocalNetwork(
                installation,
                home.state(),
                Shape.twoWaysApart(
                        switch (sessions) {
                            case WITH_STANDBY -> Shape.Standby.KEPT;
                            case WITHOUT_STANDBY -> Shape.Standby.NONE;
                        }));
        home.endOnSignal(network::close);
        try {
            network.start(LocalNetwork.Offer.NOTHING, progress);
            return new TwoWays(installation, network);
        } catch (RuntimeException failure) {
            network.close();
            throw failure;
        }
    }

    /// The far node offers a port of this machine to the network.
    public void publish(int networkPort, int localPort) {
        ChildProcess.Outcome outcome =
                network.node(FAR).command("publish", String.valueOf(networkPort), NodeConfig.loopback(localPort));
        if (!outcome.succeeded()) {
            throw new NetworkFailure("publishing at " + FAR + " failed: " + outcome.said());
        }
    }

    /// A connection from the near node to what the far one offers. It may be refused at first, until both ends' reports
    /// have reached the control plane. Reads on it wait for 30 s.
    public Socket connect(int networkPort) {
        NodeProcess near = network.node(NEAR);
        String host = network.node(FAR).key().base32() + ".sky";
        AtomicReference<@Nullable Socket> connected = new AtomicReference<>();
        AtomicReference<String> why = new AtomicReference<>("");
        Patience.until(ROUTABLE, () -> {
            try {
                connected.set(SocksDoor.connect(near.config().ports().socks(), host, networkPort, READ, BUFFER));
            } catch (IOException refused) {
                why.set(String.valueOf(refused.getMessage()));
            }
            return connected.get() != null;
        });
        Socket socket = connected.get();
        if (socket == null) {
            throw new NetworkFailure("the SOCKS door of " + NEAR + " refused: " + why);
        }
        return socket;
    }

    /// The near node's only session as it shows it, if it has one.
    public Optional<JsonNode> session() {
        JsonNode sessions = NodeProcess.ask(installation, List.of(network.node(NEAR)), "sessions")
                .get(NEAR);
        return sessions != null && sessions.size() == 1 ? Optional.of(sessions.get(0)) : Optional.empty();
    }

    /// Bytes that a node has relayed since it started, both ways.
    public long relayed(String node) {
        return (long) Metrics.of(network.node(node)).value("skywire_node_forwarded_bytes_total");
    }

    /// SIGKILL.
    public void kill(String node) {
        network.node(node).child().crash();
    }

    /// SIGSTOP.
    public void freeze(String node) {
        network.node(node).child().freeze();
    }

    /// SIGCONT.
    public void thaw(String node) {
        network.node(node).child().thaw();
    }

    @Override
    public void close() {
        network.close();
    }
}
