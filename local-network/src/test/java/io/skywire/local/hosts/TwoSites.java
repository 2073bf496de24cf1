package io.skywire.local.hosts;

import io.skywire.local.ChildProcess;
import io.skywire.local.Installation;
import io.skywire.local.KeyFile;
import io.skywire.local.MachineLacks;
import io.skywire.local.RunHome;
import io.skywire.shared.key.PublicKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/// Two homes with the same private addresses, each behind a NAT of its own, and the servers of the network on an
/// internet between them. All processes are real.
/// ```
///   a 192.168.1.2 ── 192.168.1.1 nat-a 198.51.100.2 ─┐
///   ╎                                                ├─ internet: 192.0.2.1 control plane, messaging server
///   b 192.168.1.2 ── 192.168.1.1 nat-b 203.0.113.2 ──┘
/// ```
/// The internet forwards between the homes, and knows nothing of their private addresses. [#join] lays the dashed
/// cable.
final class TwoSites implements AutoCloseable {
    static final String SERVERS = "192.0.2.1";
    static final String NAT_A = "198.51.100.2";
    static final String NAT_B = "203.0.113.2";
    static final String NEAR_B = "10.77.0.2";
    static final int WEB_PORT = 8080;

    private static final int RELAY_PORT = 7780;
    private static final String NEAR_A = "10.77.0.1";
    private static final String THIRD = "third";
    private static final String PASSWORD = "of-a-test";
    private static final String MAIN = "io.skywire.node.cli.NodeMain";
    private static final Duration READY = Duration.ofSeconds(120);
    private static final Duration END = Duration.ofSeconds(20);
    private static final long NEEDED_BYTES = 600L << 20;
    private static final Pattern SERVICES =
            Pattern.compile("ready http=(\\d+) agents=(\\d+) service=(\\w+) setup=(\\w+)");

    private final Installation installation =
            new Installation(Path.of("..").toAbsolutePath().normalize(), Path.of(System.getProperty("java.home")));
    private final SecureRandom random = new SecureRandom();
    private final Namespaces namespaces;
    private final RunHome home;
    private final Path directory;
    private final String internet;
    private final String a;
    private final String b;
    private final List<ChildProcess> children = new ArrayList<>();
    private Optional<Services> services = Optional.empty();

    /// What the servers' host said when it was ready.
    private record Services(int http, int agents, String serviceKey, String setupKey) {}

    private TwoSites(String tag, Path directory) {
        this.directory = directory;
        namespaces = Namespaces.open(tag);
        home = RunHome.open("hosts", tag, NEEDED_BYTES);
        internet = namespaces.add("internet");
        namespaces.address(internet, SERVERS + "/32");
        namespaces.forward(internet);
        namespaces.countForwarded(internet);
        a = site("a", NAT_A, "198.51.100.1");
        b = site("b", NAT_B, "203.0.113.1");
    }

    /// Lays the cables, and starts the control plane and a messaging server.
    ///
    /// @param directory for what the processes are configured with; a short path, as Unix sockets are in it
    static TwoSites open(String tag, Path directory) {
        TwoSites sites = new TwoSites(tag, directory);
        try {
            sites.startServices();
            sites.startRelay();
            return sites;
        } catch (RuntimeException failure) {
            sites.close();
            throw failure;
        }
    }

    private String site(String name, String publicAddress, String providers) {
        String nat = namespaces.add("nat-" + name);
        String host = namespaces.add(name);
        namespaces.cable(nat, "wan", publicAddress + "/30", internet, "to-" + name, providers + "/30");
        namespaces.cable(nat, "lan", "192.168.1.1/24", host, "lan", "192.168.1.2/24");
        namespaces.forward(nat);
        namespaces.masquerade(nat, "wan");
        namespaces.defaultRoute(nat, providers);
        namespaces.defaultRoute(host, "192.168.1.1");
        namespaces.countExchanged(internet, name, publicAddress, RELAY_PORT);
        return host;
    }

    private void startServices() {
        Path keystore = directory.resolve("agents.p12");
        keytool(List.of(
                "-genkeypair",
                "-alias",
                "agents",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + SERVERS,
                "-ext",
                "san=ip:" + SERVERS,
                "-validity",
                "7"));
        keytool(List.of(
                "-exportcert",
                "-alias",
                "agents",
                "-rfc",
                "-file",
                certificate().toString()));
        List<String> command =
                new ArrayList<>(installation.java("local-network", "256m", "io.skywire.local.EndsWithParent"));
        int classPath = command.indexOf("-cp") + 1;
        command.set(
                classPath,
                command.get(classPath)
                        + java.io.File.pathSeparator
                        + Path.of("target/test-classes").toAbsolutePath());
        command.addAll(
                1,
                List.of(
                        "-Dskywire.root=" + installation.root(),
                        "-Dskywire.state=" + System.getProperty("skywire.state")));
        command.addAll(List.of(
                InternetServices.class.getName(), keystore.toString(), PASSWORD, NAT_A + "/32," + NAT_B + "/32"));
        ChildProcess child = start("internet", internet, command);
        String line = ready(child, "ready http=");
        Matcher told = SERVICES.matcher(line);
        if (!told.matches()) {
            throw new IllegalStateException("not the line of a control plane: " + line);
        }
        services = Optional.of(new Services(
                Integer.parseInt(told.group(1)), Integer.parseInt(told.group(2)), told.group(3), told.group(4)));
    }

    private void keytool(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(installation.javaHome().resolve("bin/keytool").toString());
        command.addAll(arguments);
        command.addAll(List.of(
                "-keystore",
                directory.resolve("agents.p12").toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD));
        Machine.Outcome outcome = Machine.run(command, END);
        if (!outcome.succeeded()) {
            throw new MachineLacks("keytool of this JDK makes no certificate: " + outcome);
        }
    }

    private Path certificate() {
        return directory.resolve("agents.pem");
    }

    private void startRelay() {
        adopt("relay.key");
        Path config = write(
                "relay.yaml", """
                key_file: relay.key
                listen: %1$s:%2$d
                address: %1$s:%2$d
                discovery: http://%1$s:%3$d
                event_loops: 1
                """.formatted(SERVERS, RELAY_PORT, services().http()));
        List<String> command = new ArrayList<>(installation.java("data-plane-node", "256m", MAIN));
        command.addAll(List.of("relay", "--config", config.toString()));
        ready(start("relay", internet, command), "ready relay=");
    }

    /// A node in home A, which links itself to a neighbour and knows a private address of him.
    HostedNode startNodeA(PublicKey neighbour, Optional<String> address) {
        return node("a", a, neighbour, address, "");
    }

    /// A node in home B, which publishes the web server of its host. It links itself to a neighbour of whom it knows no
    /// address.
    HostedNode startNodeB(PublicKey neighbour) {
        return node("b", b, neighbour, Optional.empty(), """
                published:
                  - {port: 80, target: 127.0.0.1:%d}
                """.formatted(WEB_PORT));
    }

    /// The key that the node of a home has or will have.
    PublicKey keyOf(String name) {
        return adopt(name + ".key");
    }

    private HostedNode node(String name, String namespace, PublicKey neighbour, Optional<String> address, String more) {
        PublicKey key = keyOf(name);
        Path config = write(
                name + ".yaml",
                """
                key_file: %1$s.key
                state_dir: %1$s
                listen: 0.0.0.0:%2$d
                control_planes:
                  - {address: '%3$s:%4$d', tls: %5$s}
                service_keys: [%6$s]
                setup_keys: [%7$s]
                transports:
                  - {peer: %8$s%9$s}
                messaging: {discovery: 'http://%3$s:%10$d'}
                socks: 127.0.0.1:%11$d
                event_loops: 1
                """.formatted(
                                        name,
                                        HostedNode.LISTEN,
                                        SERVERS,
                                        services().agents(),
                                        certificate(),
                                        services().serviceKey(),
                                        services().setupKey(),
                                        neighbour.hex(),
                                        address.map(known -> ", address: '" + known + "'")
                                                .orElse(""),
                                        services().http(),
                                        HostedNode.SOCKS)
                        + more);
        HostedNode node = HostedNode.start("node-" + name, namespace, key, config, installation, home);
        children.add(node.child());
        ready(node.child(), "ready node=" + key.hex());
        return node;
    }

    /// A stock web server on the host in home B.
    void serve(Path files) {
        ChildProcess child = start(
                "web",
                b,
                List.of(
                        installation.javaHome().resolve("bin/jwebserver").toString(),
                        "--bind-address",
                        "127.0.0.1",
                        "--port",
                        String.valueOf(WEB_PORT),
                        "--directory",
                        files.toString()));
        ready(child, "URL http://");
    }

    /// A cable between the two hosts, and no route through it but to each other.
    void join() {
        namespaces.cable(a, THIRD, NEAR_A + "/30", b, THIRD, NEAR_B + "/30");
    }

    /// Bytes that host A has got by that cable.
    long receivedByCable() {
        return Namespaces.received(a, THIRD);
    }

    /// Packets from one home to the other, through the internet.
    long packetsBetweenHomes() {
        return namespaces.forwarded(internet);
    }

    /// What the messaging server and home A, or B, have sent each other.
    Namespaces.Exchanged throughServer(String site) {
        return namespaces.exchanged(internet, site);
    }

    private ChildProcess start(String name, String namespace, List<String> command) {
        ChildProcess child = ChildProcess.start(name, Namespaces.in(namespace, command), home);
        children.add(child);
        return child;
    }

    private static String ready(ChildProcess child, String beginning) {
        return Awaitility.await()
                .atMost(READY)
                .until(
                        () -> {
                            child.requireAlive();
                            return child.lines().stream()
                                    .filter(line -> line.startsWith(beginning))
                                    .findFirst();
                        },
                        Optional::isPresent)
                .orElseThrow();
    }

    private Services services() {
        return services.orElseThrow(() -> new IllegalStateException("the servers were not started"));
    }

    private PublicKey adopt(String file) {
        return KeyFile.adopt(directory.resolve(file), random).publicKey();
    }

    private Path write(String file, String yaml) {
        try {
            return Files.writeString(directory.resolve(file), yaml);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Logs stay under `target/state/hosts`.
    @Override
    public void close() {
        ChildProcess.endAll(children.reversed(), END);
        home.close();
        namespaces.close();
    }
}
