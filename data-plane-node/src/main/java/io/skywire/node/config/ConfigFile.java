package io.skywire.node.config;

import io.skywire.node.config.NodeConfig.ControlPlane;
import io.skywire.node.config.NodeConfig.Forward;
import io.skywire.node.config.NodeConfig.Link;
import io.skywire.node.config.NodeConfig.Messaging;
import io.skywire.node.config.NodeConfig.Protocol;
import io.skywire.node.config.NodeConfig.Published;
import io.skywire.node.config.NodeConfig.Standby;
import io.skywire.node.config.NodeConfig.Tls;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.node.NodeAddress;
import io.skywire.shared.node.NodeFacts;
import io.skywire.shared.node.NodeFacts.Visibility;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads a node's YAML file, once, and tells everything that is wrong with it at once. Paths in it are relative to
/// its directory.
public final class ConfigFile {
    /// What the kernel keeps of a Unix socket's path.
    public static final int LONGEST_SOCKET_PATH = 107;

    private static final int MOST_EVENT_LOOPS = 256;
    private static final int MOST_RULES = 10_000_000;
    private static final int LEAST_DIRECT_MEMORY = 16;
    private static final int MOST_DIRECT_MEMORY = 65_536;
    private static final int MOST_SERVERS = 8;
    private static final int MOST_ROUTES = 2;
    private static final int MOST_GATEWAYS = 8;
    private static final int DEFAULT_SERVERS = 2;
    private static final String DEFAULT_CONGESTION_CONTROL = "bbr";
    private static final Pattern CONGESTION_CONTROLS = Pattern.compile("[a-z0-9_-]{1,15}");
    private static final Pattern ALIAS = Pattern.compile("[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?");
    private static final Pattern SECRET_SHAPE = Pattern.compile("[0-9A-Fa-f]{64}");

    private final Path file;
    private final Path directory;
    private final Problems problems;
    private final Map<HostPort, String> listeners = new HashMap<>();

    private ConfigFile(Path file) {
        this.file = file.toAbsolutePath().normalize();
        Path parent = this.file.getParent();
        this.directory = parent == null ? this.file : parent;
        this.problems = new Problems(file.toString());
    }

    /// For whoever talks to a running node: the file's text is checked, the machine is not looked at.
    public static NodeConfig forAsking(Path file) throws ConfigException {
        ConfigFile reading = new ConfigFile(file);
        Section root = reading.open();
        Optional<NodeConfig> config = reading.read(root);
        reading.problems.throwIfAny();
        return config.orElseThrow();
    }

    /// For whoever runs the node: also checks the key file and its mode and the CA files, and makes the state
    /// directory and writes to it.
    public static NodeConfig forRunning(Path file) throws ConfigException {
        ConfigFile reading = new ConfigFile(file);
        Section root = reading.open();
        Optional<NodeConfig> config = reading.read(root);
        config.ifPresent(read -> Machine.check(read, root));
        reading.problems.throwIfAny();
        Machine.prepare(config.orElseThrow(), root); // a config with problems changes nothing on the machine
        reading.problems.throwIfAny();
        return config.orElseThrow();
    }

    private Section open() throws ConfigException {
        return ConfigText.open(file, problems);
    }

    /// Nothing comes back only where a problem was told.
    private Optional<NodeConfig> read(Section root) {
        Optional<Path> keyFile = root.required("key_file", "the path of the node's key file", this::path);
        Optional<Path> stateDir = root.required("state_dir", "the directory for the node's state", this::path);
        Optional<HostPort> listen = listener(root, "listen");
        List<ControlPlane> controlPlanes = root.sections("control_planes", this::controlPlane);
        requireSome(root, "control_planes", "at least one {address, tls}");
        Set<PublicKey> serviceKeys = root.distinct("service_keys", ConfigFile::key);
        requireSome(root, "service_keys", "at least one public key that a control plane proves");
        Set<PublicKey> setupKeys = root.distinct("setup_keys", ConfigFile::key);
        requireSome(root, "setup_keys", "at least one public key whose rules this node obeys");
        Optional<Messaging> messaging = root.section("messaging", ConfigFile::messaging);
        boolean direct = root.missing("messaging");
        List<PublicKey> gateways = root.values("gateways", ConfigFile::key);
        checkGateways(root, gateways, direct);
        Set<PublicKey> neighbours = new HashSet<>();
        List<Link> transports = root.sections("transports", section -> link(section, neighbours, direct));
        if (gateways.stream().anyMatch(neighbours::contains)) {
            root.problem("transports", "a gateway forwards nothing; name it in gateways only");
        }
        Optional<HostPort> socks = door(root, "socks");
        Optional<HostPort> httpConnect = door(root, "http_connect");
        Optional<HostPort> metrics = listener(root, "metrics");
        Optional<Path> apiSocket = root.value("api_socket", this::socket);
        if (root.missing("api_socket") && stateDir.isPresent()) {
            apiSocket = defaultSocket(root, stateDir.get());
        }
        Profile profile = root.value("profile", Profile::parse).orElse(Profile.STANDARD);
        int eventLoops = root.value("event_loops", text -> Numbers.parse(text, "event_loops", 1, MOST_EVENT_LOOPS))
                .orElseGet(() -> Math.min(Runtime.getRuntime().availableProcessors(), profile.mostLoops()));
        int directMemory =
                root.value("direct_memory_mib", ConfigFile::directMemory).orElse(profile.directMemoryMib());
        Set<String> offers = new HashSet<>();
        List<Published> published = root.sections("published", section -> published(section, offers));
        List<Forward> forwards = root.sections("forwards", this::forward);
        Map<String, PublicKey> aliases = root.entries("aliases", ConfigFile::alias, ConfigFile::key);
        int maxRules = root.value("max_rules", text -> Numbers.parse(text, "max_rules", 1, MOST_RULES))
                .orElse(profile.maxRules());
        Visibility visibility = root.value("public", ConfigFile::visibility).orElse(Visibility.HIDDEN);
        List<NodeAddress> announced = announced(root, visibility, listen);
        Standby standby = root.value("standby", ConfigFile::standby).orElse(Standby.ON);
        int atOnce = root.value("routes_at_once", text -> Numbers.parse(text, "routes_at_once", 1, MOST_ROUTES))
                .orElse(1);
        if (atOnce == MOST_ROUTES) {
            standby = usingBoth(root, standby);
        }
        Optional<String> congestionControl = root.value("tcp_congestion_control", ConfigFile::congestionControl)
                .orElse(Optional.of(DEFAULT_CONGESTION_CONTROL));
        root.close();
        if (keyFile.isEmpty() || stateDir.isEmpty() || apiSocket.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new NodeConfig(
                file,
                keyFile.get(),
                stateDir.get(),
                listen,
                controlPlanes,
                serviceKeys,
                setupKeys,
                gateways,
                transports,
                messaging,
                socks,
                httpConnect,
                metrics,
                apiSocket.get(),
                eventLoops,
                published,
                forwards,
                aliases,
                maxRules,
                directMemory,
                visibility,
                announced,
                standby,
                congestionControl));
    }

    private static void requireSome(Section root, String key, String what) {
        if (root.missing(key)) {
            root.problem(key, "missing; " + what + " is required");
        } else if (root.holdsNothing(key)) {
            root.problem(key, "expected " + what);
        }
    }

    private Optional<ControlPlane> controlPlane(Section section) {
        Optional<HostPort> address = section.required("address", "host:port", ConfigFile::remote);
        Optional<Tls> tls = section.required("tls", "off, system or the path of a CA file", this::tls);
        if (address.isPresent() && !address.get().isLoopback() && tls.isPresent() && tls.get() instanceof Tls.Off) {
            section.problem(
                    "tls",
                    "off is for loopback addresses only, and " + address.get()
                            + " is none; write system or the path of a CA file");
        }
        return address.flatMap(where -> tls.map(how -> new ControlPlane(where, how)));
    }

    private Tls tls(String text) {
        return switch (text) {
            case "off" -> new Tls.Off();
            case "system" -> new Tls.System();
            default -> new Tls.CaFile(path(text));
        };
    }

    /// `addressed`: without messaging a neighbour is dialled where it listens, or not at all.
    private static Optional<Link> link(Section section, Set<PublicKey> neighbours, boolean addressed) {
        Optional<PublicKey> peer = section.required("peer", "the neighbour's public key", ConfigFile::key);
        Optional<HostPort> address = addressed
                ? section.required("address", "host:port", ConfigFile::remote)
                : section.value("address", ConfigFile::remote);
        if (peer.isPresent() && !neighbours.add(peer.get())) {
            section.problem("peer", "a link to " + peer.get().shortHex() + "… stands above already");
        }
        return peer.map(who -> new Link(who, address));
    }

    private static void checkGateways(Section root, List<PublicKey> gateways, boolean direct) {
        if (gateways.size() > MOST_GATEWAYS) {
            root.problem("gateways", "at most " + MOST_GATEWAYS + " gateways, not " + gateways.size());
        }
        if (Set.copyOf(gateways).size() < gateways.size()) {
            root.problem("gateways", "a key stands twice in this list");
        }
        if (direct && !gateways.isEmpty()) {
            root.problem("gateways", "a gateway is reached through messaging servers; write messaging too");
        }
    }

    private static Optional<Messaging> messaging(Section section) {
        Optional<URI> discovery =
                section.required("discovery", "the URL of a messaging discovery", DiscoveryUrl::parse);
        int servers = section.value("servers", text -> Numbers.parse(text, "servers", 1, MOST_SERVERS))
                .orElse(DEFAULT_SERVERS);
        return discovery.map(where -> new Messaging(where, servers));
    }

    /// The kernel is asked only when there is a link: what it does not have is no reason not to run.
    private static Optional<String> congestionControl(String text) {
        if (text.equals("system")) {
            return Optional.empty();
        }
        if (!CONGESTION_CONTROLS.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "expected system or a name that the kernel knows, such as bbr or cubic, not '" + text + "'");
        }
        return Optional.of(text);
    }

    private Optional<Published> published(Section section, Set<String> taken) {
        Optional<Integer> port = section.required("port", "a port between 1 and 65535", Ports::parse);
        Optional<HostPort> target = section.required("target", "host:port", ConfigFile::remote);
        Set<PublicKey> allow = section.distinct("allow", ConfigFile::key);
        Optional<Set<PublicKey>> only = section.missing("allow") ? Optional.empty() : Optional.of(Set.copyOf(allow));
        if (only.isPresent() && section.holdsNothing("allow")) {
            section.problem("allow", "nobody could connect; leave allow out to let everyone in");
        }
        Protocol protocol = section.value("protocol", ConfigFile::protocol).orElse(Protocol.TCP);
        if (port.isPresent() && !taken.add(protocol + " " + port.get())) {
            section.problem("port", "port " + port.get() + " is published above already");
        }
        return port.flatMap(number -> target.map(where -> new Published(number, protocol, where, only)));
    }

    private Optional<Forward> forward(Section section) {
        Optional<HostPort> listen = section.required("listen", "host:port", HostPort::parse);
        listen.ifPresent(address -> claim(section, "listen", address, "another forward"));
        Optional<PublicKey> peer = section.required("peer", "the peer's public key", ConfigFile::key);
        Optional<Integer> port = section.required("port", "a port between 1 and 65535", Ports::parse);
        return listen.flatMap(here -> peer.flatMap(who -> port.map(there -> new Forward(here, who, there))));
    }

    private static int directMemory(String text) {
        return Numbers.parse(text, "direct_memory_mib", LEAST_DIRECT_MEMORY, MOST_DIRECT_MEMORY);
    }

    private static Standby standby(String text) {
        return switch (text) {
            case "true" -> Standby.ON;
            case "false" -> Standby.OFF;
            default -> throw new IllegalArgumentException("expected true or false, not '" + text + "'");
        };
    }

    private static Standby usingBoth(Section root, Standby standby) {
        return switch (standby) {
            case ON, USED -> Standby.USED;
            case OFF -> {
                root.problem("routes_at_once", "a session without standby has one route; write standby: true");
                yield standby;
            }
        };
    }

    private static Protocol protocol(String text) {
        return switch (text) {
            case "tcp" -> Protocol.TCP;
            case "udp" -> Protocol.UDP;
            default -> throw new IllegalArgumentException("expected tcp or udp, not '" + text + "'");
        };
    }

    private static Visibility visibility(String text) {
        return switch (text) {
            case "true" -> Visibility.PUBLIC;
            case "false" -> Visibility.HIDDEN;
            default -> throw new IllegalArgumentException("expected true or false, not '" + text + "'");
        };
    }

    private static List<NodeAddress> announced(Section root, Visibility visibility, Optional<HostPort> listen) {
        List<NodeAddress> announced = root.values("announce", NodeAddress::parse);
        if (announced.size() > NodeFacts.MOST_ADDRESSES) {
            root.problem("announce", "at most " + NodeFacts.MOST_ADDRESSES + " addresses, not " + announced.size());
        }
        switch (visibility) {
            case HIDDEN -> {
                if (!root.missing("announce")) {
                    root.problem("announce", "only a public node announces where it is; write public: true");
                }
            }
            case PUBLIC -> {
                if (root.missing("announce")
                        && !listen.map(ConfigFile::isDialable).orElse(false)) {
                    root.problem(
                            "public",
                            "others cannot dial "
                                    + listen.map(HostPort::toString).orElse("a node that only dials")
                                    + "; name in announce where they reach this node");
                }
            }
        }
        return announced;
    }

    private static boolean isDialable(HostPort listen) {
        try {
            new NodeAddress(listen.host(), Math.max(1, listen.port()));
            return true;
        } catch (IllegalArgumentException nobodyCan) {
            return false;
        }
    }

    private Optional<HostPort> listener(Section section, String key) {
        Optional<HostPort> address = section.value(key, HostPort::parse);
        address.ifPresent(here -> claim(section, key, here, key));
        return address;
    }

    /// Whoever reaches a door speaks with this node's key, so doors stay on this machine.
    private Optional<HostPort> door(Section section, String key) {
        Optional<HostPort> address = listener(section, key);
        if (address.isPresent() && !address.get().isLoopback()) {
            section.problem(key, "must be a loopback address, such as 127.0.0.1:1080, not " + address.get());
        }
        return address;
    }

    private void claim(Section section, String key, HostPort address, String owner) {
        String other = address.port() == 0 ? null : listeners.putIfAbsent(address, owner);
        if (other != null) {
            section.problem(key, address + " is used by " + other + " already");
        }
    }

    private static HostPort remote(String text) {
        HostPort address = HostPort.parse(text);
        if (address.port() == 0) {
            throw new IllegalArgumentException("a port lies between 1 and 65535, not 0");
        }
        return address;
    }

    /// A secret key that landed in the wrong place is never repeated.
    private static PublicKey key(String text) {
        if (SECRET_SHAPE.matcher(text).matches()) {
            throw new IllegalArgumentException("a public key has 66 hex digits or 53 base32 letters; these are 64 hex"
                    + " digits, the shape of a secret key");
        }
        return PublicKey.parse(text);
    }

    private static String alias(String text) {
        if (!ALIAS.matcher(text).matches()) {
            throw new IllegalArgumentException("an alias has 1 to 52 lower-case letters, digits or dashes inside");
        }
        return text;
    }

    private Path path(String text) {
        try {
            return directory.resolve(text).normalize();
        } catch (InvalidPathException invalid) {
            throw new IllegalArgumentException("not a path: " + invalid.getReason(), invalid);
        }
    }

    private Path socket(String text) {
        Path path = path(text);
        int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > LONGEST_SOCKET_PATH) {
            throw new IllegalArgumentException("the path of a Unix socket has at most " + LONGEST_SOCKET_PATH
                    + " bytes, and " + path + " has " + bytes + "; choose a shorter one");
        }
        return path;
    }

    private Optional<Path> defaultSocket(Section root, Path stateDir) {
        try {
            return Optional.of(socket(stateDir.resolve("api.sock").toString()));
        } catch (IllegalArgumentException tooLong) {
            root.problem("api_socket", String.valueOf(tooLong.getMessage()));
            return Optional.empty();
        }
    }
}
