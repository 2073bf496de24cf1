package io.skywire.local;

import io.skywire.shared.key.PublicKey;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Two nodes that cannot dial each other, messaging servers between them and a control plane, as real processes: the
/// stage of drills. For one thread, but for [#close].
public final class NodesApart implements AutoCloseable {
    private static final String NEAR = "n1";
    private static final String FAR = LocalNetwork.SERVER;
    private static final String THROUGH_SERVER = "messaging:";
    private static final Duration ROUTABLE = Duration.ofSeconds(30);
    private static final Duration AGREED = Duration.ofSeconds(30);
    private static final Duration READ = Duration.ofSeconds(30);

    private final LocalNetwork network;

    private NodesApart(LocalNetwork network) {
        this.network = network;
    }

    /// Starts all of it and returns when the two nodes are linked through a server. A signal ends it.
    ///
    /// @throws NetworkFailure if something does not get ready
    public static NodesApart start(RunHome home, int servers, Progress progress) {
        LocalNetwork network = new LocalNetwork(Installation.ofThisProcess(), home.state(), Shape.apart(servers));
        home.endOnSignal(network::close);
        try {
            network.start(LocalNetwork.Offer.NOTHING, progress);
            return new NodesApart(network);
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
                connected.set(SocksDoor.connect(near.config().ports().socks(), host, networkPort, READ));
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

    /// The messaging server through which the link goes, as soon as both ends name the same one.
    ///
    /// @throws NetworkFailure if they do not within 30 s
    public PublicKey serverInUse() {
        AtomicReference<Set<String>> named = new AtomicReference<>(Set.of());
        boolean agreed = Patience.until(AGREED, () -> {
            Set<String> ways = new HashSet<>();
            network.ask("transports").values().forEach(transports -> {
                for (JsonNode transport : transports) {
                    ways.add(transport.path("address").asString(""));
                }
            });
            named.set(ways);
            return ways.size() == 1 && ways.iterator().next().startsWith(THROUGH_SERVER);
        });
        if (!agreed) {
            throw new NetworkFailure("the two nodes name no one messaging server between them but " + named);
        }
        return PublicKey.parse(named.get().iterator().next().substring(THROUGH_SERVER.length()));
    }

    /// Bytes that a server has handed on so far: each passes its door twice.
    public long carried(PublicKey server) {
        return process(server).tap().bytes() / 2;
    }

    /// SIGKILL.
    public void kill(PublicKey server) {
        process(server).child().crash();
    }

    /// SIGSTOP: its connections stay open, and nothing comes.
    public void freeze(PublicKey server) {
        process(server).child().freeze();
    }

    /// SIGTERM; the server ends when it likes.
    public void terminate(PublicKey server) {
        process(server).child().terminate();
    }

    public boolean runs(PublicKey server) {
        return process(server).child().isAlive();
    }

    private MessagingServerProcess process(PublicKey server) {
        return network.servers().stream()
                .filter(process -> process.key().equals(server))
                .findFirst()
                .orElseThrow(() -> new NetworkFailure("no messaging server here has the key " + server.hex()));
    }

    @Override
    public void close() {
        network.close();
    }
}
