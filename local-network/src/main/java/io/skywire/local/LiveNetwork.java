package io.skywire.local;

import io.skywire.shared.key.PublicKey;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Six nodes, a control plane and PostgreSQL as real processes, whose parts a drill ends, starts again and cuts off:
/// the stage of outages. Two ways lead from n1 to n4, and one, through n5, to n6.
/// ```
///       ┌── n2 ──┐
///  n1 ──┼── n3 ──┴─ n4
///       └── n5 ──── n6
/// ```
/// For one thread, but for [#close].
public final class LiveNetwork implements AutoCloseable {
    private static final Duration ROUTABLE = Duration.ofSeconds(30);
    private static final Duration READ = Duration.ofSeconds(120);
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final JsonMapper JSON = new JsonMapper();

    private final LocalNetwork network;
    private final Set<String> dead = ConcurrentHashMap.newKeySet();
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(ANSWER).build();

    private LiveNetwork(LocalNetwork network) {
        this.network = network;
    }

    /// What a drill asks of its network.
    ///
    /// @param settings of the control plane by name, as `skywire.discovery.lease` → `10s`
    public record Wishes(Wires wires, Map<String, String> settings, Clocks clocks) {
        public Wishes {
            settings = Map.copyOf(settings);
        }
    }

    /// Whether links and ways to the control plane can be cut.
    public enum Wires {
        WHOLE,
        CUTTABLE
    }

    /// Starts all of it and returns when every link is up. A signal ends it.
    ///
    /// @throws NetworkFailure if something does not get ready
    public static LiveNetwork start(RunHome home, Wishes wishes, Progress progress) {
        Shape shape = Shape.disjointAndSingle(
                switch (wishes.wires()) {
                    case WHOLE -> Shape.Wires.STRAIGHT;
                    case CUTTABLE -> Shape.Wires.TAPPED;
                });
        return start(home, shape, wishes.settings(), wishes.clocks(), progress);
    }

    /// Starts another stage, with some of everything that shows metrics: two control planes, a messaging server, a
    /// gateway and five nodes, n5 behind the gateway. Two ways lead from n1 to n4, through n2 and n3; links can be
    /// cut.
    ///
    /// @param settings of the control planes by name
    /// @throws NetworkFailure if something does not get ready
    public static LiveNetwork startSomeOfEverything(RunHome home, Map<String, String> settings, Progress progress) {
        return start(home, Shape.someOfEverything(), settings, Clocks.RIGHT, progress);
    }

    private static LiveNetwork start(
            RunHome home, Shape shape, Map<String, String> settings, Clocks clocks, Progress progress) {
        LocalNetwork network = new LocalNetwork(Installation.ofThisProcess(), home.state(), shape, settings, clocks);
        home.endOnSignal(network::close);
        try {
            network.start(LocalNetwork.Offer.NOTHING, progress);
            return new LiveNetwork(network);
        } catch (RuntimeException failure) {
            network.close();
            throw failure;
        }
    }

    // --- what applications do ----------------------------------------------------------------------------------

    /// `node` offers a port of this machine to the network.
    public void publish(String node, int networkPort, int localPort) {
        ChildProcess.Outcome outcome =
                network.node(node).command("publish", String.valueOf(networkPort), NodeConfig.loopback(localPort));
        if (!outcome.succeeded()) {
            throw new NetworkFailure("publishing at " + node + " failed: " + outcome.said());
        }
    }

    /// A connection from `from` to what `to` offers. It may be refused at first, until reports have reached the control
    /// plane. Reads on it wait for two minutes.
    public Socket connect(String from, String to, int networkPort) {
        String host = network.node(to).key().base32() + ".sky";
        AtomicReference<@Nullable Socket> connected = new AtomicReference<>();
        AtomicReference<String> why = new AtomicReference<>("");
        Patience.until(ROUTABLE, () -> {
            try {
                connected.set(
                        SocksDoor.connect(network.node(from).config().ports().socks(), host, networkPort, READ));
            } catch (IOException refused) {
                why.set(String.valueOf(refused.getMessage()));
            }
            return connected.get() != null;
        });
        Socket socket = connected.get();
        if (socket == null) {
            throw new NetworkFailure("the SOCKS door of " + from + " refused: " + why);
        }
        return socket;
    }

    /// Dials `to` from `from` anew and says how it went: nothing if there is a session now.
    public String dial(String from, String to) {
        ChildProcess.Outcome outcome =
                network.node(from).command("dial", network.node(to).key().hex());
        return outcome.succeeded() ? "" : outcome.said();
    }

    /// Dials a key that nobody has and says how it went.
    public String dialStranger(String from, PublicKey stranger) {
        return network.node(from).command("dial", stranger.hex()).said();
    }

    // --- what breaks -------------------------------------------------------------------------------------------

    /// SIGKILL to the only control plane; PostgreSQL goes on.
    public void crashControlPlane() {
        network.crashControlPlane();
    }

    /// Starts it again and returns when it is ready for agents.
    public void returnControlPlane() {
        network.restartControlPlane();
        network.controlPlane().awaitReady();
    }

    /// SIGKILL.
    public void crash(String node) {
        dead.add(node);
        network.crash(node);
    }

    /// Starts a node again after [#crash] and returns when it is ready.
    public void restart(String node) {
        network.restart(node);
        network.node(node).awaitReady();
        dead.remove(node);
    }

    /// Deletes the rules that a dead node has on disk.
    public void forgetRules(String node) {
        try {
            Files.deleteIfExists(
                    network.node(node).config().directory().resolve("state").resolve("rules.log"));
        } catch (IOException failure) {
            throw new NetworkFailure("the rules of " + node + " cannot be deleted: " + failure);
        }
    }

    /// Cuts the link between the two, as a reset connection does, or lets it be made again.
    public void link(String dialler, String listener, Wire wire) {
        apply(network.wire(new Shape.Link(dialler, listener)), wire);
    }

    /// The same for the way from `node` to the control plane.
    public void controlWay(String node, Wire wire) {
        apply(network.controlWire(node), wire);
    }

    /// What is done to a wire.
    public enum Wire {
        /// Connections are reset, and new ones refused.
        CUT,
        /// Undoes CUT.
        MEND,
        /// Nothing passes and nothing is said.
        SILENCE,
        /// Undoes SILENCE.
        SPEAK
    }

    private static void apply(Tap tap, Wire wire) {
        switch (wire) {
            case CUT -> tap.close();
            case MEND -> tap.open();
            case SILENCE -> tap.hold();
            case SPEAK -> tap.release();
        }
    }

    // --- what is seen ------------------------------------------------------------------------------------------

    /// The nodes that run.
    public List<String> living() {
        return network.nodes().stream()
                .map(NodeProcess::name)
                .filter(name -> !dead.contains(name))
                .toList();
    }

    /// A process whose metrics can be read.
    ///
    /// @param program `control-plane`, `node`, `messaging-server` or `gateway`
    public record Shown(String program, String instance, URI metrics) {}

    /// All of them.
    public List<Shown> shown() {
        List<Shown> shown = new ArrayList<>();
        network.controlPlanes()
                .forEach(one -> shown.add(new Shown(
                        "control-plane", "control-plane-" + one.httpPort(), one.http("/actuator/prometheus"))));
        network.nodes()
                .forEach(node -> shown.add(new Shown(
                        "node", node.name(), metrics(node.config().ports().metrics()))));
        network.servers()
                .forEach(server ->
                        shown.add(new Shown("messaging-server", "m" + server.metrics(), metrics(server.metrics()))));
        network.gateway().ifPresent(one -> shown.add(new Shown("gateway", "gateway", metrics(one.metrics()))));
        return shown;
    }

    private static URI metrics(int port) {
        return URI.create("http://" + NodeConfig.loopback(port) + "/metrics");
    }

    /// The URL of a path of the first control plane.
    public URI http(String path) {
        return network.controlPlane().http(path);
    }

    /// How many links there are when all are up.
    public int links() {
        return network.shape().links().size();
    }

    public PublicKey key(String node) {
        return network.node(node).key();
    }

    /// `GET path` of a node's API.
    ///
    /// @throws NetworkFailure if it does not answer
    public JsonNode read(String node, String path) {
        try {
            return network.node(node).read(path);
        } catch (IOException silent) {
            throw new NetworkFailure(node + " does not answer " + path + ": " + silent.getMessage());
        }
    }

    /// Bytes that the relay rules of a node have carried, both ways, since it started.
    public long relayed(String node) {
        long bytes = 0;
        for (JsonNode rule : read(node, "/v1/rules")) {
            if (rule.path("kind").asString("").equals("relay")) {
                bytes += rule.path("bytes").asLong(0);
            }
        }
        return bytes;
    }

    /// What the control plane answers at this path, JSON.
    ///
    /// @throws NetworkFailure if it does not answer with 200
    public JsonNode ask(String path) {
        try {
            URI uri = network.controlPlane().http(path);
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(uri).timeout(ANSWER).build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new NetworkFailure(uri + " answered " + answer.statusCode());
            }
            return JSON.readTree(answer.body());
        } catch (IOException | JacksonException failure) {
            throw new NetworkFailure("the control plane does not answer " + path + ": " + failure);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new NetworkFailure("interrupted");
        }
    }

    /// Rules at living nodes that the ledger does not hold live for them.
    public List<String> orphanRules() {
        List<String> orphans = new ArrayList<>();
        RuleLedgerReader ledger = RuleLedgerReader.read(network.database());
        living().forEach(node -> held(node).stream()
                .filter(rule -> !ledger.of(key(node)).contains(rule))
                .forEach(rule -> orphans.add(node + " holds " + rule)));
        return orphans;
    }

    /// What is not yet as it should be with the control plane: agents without a session, tables that are not the
    /// ledger's, links that are up and not listed, or listed and not up. Nothing: all is reconciled.
    public List<String> unreconciled() {
        List<String> open = new ArrayList<>();
        try {
            RuleLedgerReader ledger = RuleLedgerReader.read(network.database());
            Set<String> up = new TreeSet<>();
            for (String node : living()) {
                if (!read(node, "/v1/status")
                        .path("control_plane")
                        .path("connected_to")
                        .isString()) {
                    open.add(node + " has no session with the control plane");
                }
                Set<String> held = held(node);
                Set<String> wanted = ledger.of(key(node));
                if (!held.equals(wanted)) {
                    open.add(node + " holds " + held.size() + " rules, the ledger " + wanted.size()
                            + (held.size() == wanted.size() ? " others" : ""));
                }
                read(node, "/v1/transports")
                        .forEach(link -> up.add(link.path("id").asString("")));
            }
            Set<String> listed = new TreeSet<>();
            ask("/all-transports").forEach(link -> listed.add(link.path("t_id").asString("")));
            if (!up.equals(listed)) {
                open.add(up.size() + " links are up, " + listed.size() + " listed"
                        + (up.size() == listed.size() ? ", others" : ""));
            }
        } catch (NetworkFailure notNow) {
            open.add(String.valueOf(notNow.getMessage()));
        }
        return open;
    }

    private Set<String> held(String node) {
        Set<String> held = new HashSet<>();
        read(node, "/v1/rules").forEach(rule -> held.add(RuleLedgerReader.name(rule)));
        return held;
    }

    @Override
    public void close() {
        http.close();
        network.close();
    }
}
