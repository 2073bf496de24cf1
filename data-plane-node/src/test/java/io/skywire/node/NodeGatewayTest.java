package io.skywire.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.skywire.node.api.StatusView;
import io.skywire.node.config.ConfigFile;
import io.skywire.node.config.GatewayConfigFile;
import io.skywire.node.config.KeyFile;
import io.skywire.node.config.RelayConfigFile;
import io.skywire.node.directory.FakeDiscovery;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A whole node whose control plane's port can be blocked, a messaging server, its discovery and a gateway, in one JVM.
@Timeout(300)
class NodeGatewayTest {
    private final KeyPair service = KeyPair.generate(new SecureRandom());
    private final KeyPair setup = KeyPair.generate(new SecureRandom());
    private final KeyPair alice = KeyPair.generate(new SecureRandom());
    private final KeyPair bob = KeyPair.generate(new SecureRandom());
    private final KeyPair gatewayKeys = KeyPair.generate(new SecureRandom());
    private final List<AutoCloseable> open = new ArrayList<>();
    private FakeDiscovery discovery;
    private OneJvmControlPlane control;
    private int directPort;

    @TempDir
    private Path directory;

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(90));
    }

    @BeforeEach
    void surroundings() throws Exception {
        discovery = opened(new FakeDiscovery());
        control = opened(new OneJvmControlPlane(service, setup, List.of(alice.publicKey(), bob.publicKey())));
        directPort = freePort();
        int port = freePort();
        Path home = Files.createDirectory(directory.resolve("server"));
        KeyPair keys = KeyPair.generate(new SecureRandom());
        KeyFile.write(home.resolve("relay.key"), keys);
        opened(MessagingServer.start(RelayConfigFile.forRunning(
                Files.writeString(home.resolve("relay.yaml"), """
                key_file: relay.key
                listen: 127.0.0.1:%d
                discovery: %s
                address: 127.0.0.1:%d
                drain_seconds: 1
                event_loops: 1
                """.formatted(port, discovery.uri(), port)))));
        soon().until(() -> discovery.entries.containsKey(keys.publicKey()));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    private <T extends AutoCloseable> T opened(T one) {
        open.add(one);
        return one;
    }

    private static int freePort() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private Gateway gateway(String name, int controlPort) throws Exception {
        Path home = Files.createDirectory(directory.resolve(name));
        KeyFile.write(home.resolve("gateway.key"), gatewayKeys);
        return opened(Gateway.start(GatewayConfigFile.forRunning(
                Files.writeString(home.resolve("gateway.yaml"), """
                key_file: gateway.key
                discovery: %s
                control_plane: 127.0.0.1:%d
                metrics: 127.0.0.1:0
                event_loops: 1
                """.formatted(discovery.uri(), controlPort)))));
    }

    private Node node(String name, KeyPair keys, int controlPort, String more) throws Exception {
        Path home = Files.createDirectory(directory.resolve(name));
        KeyFile.write(home.resolve("node.key"), keys);
        Files.writeString(home.resolve("node.yaml"), """
                key_file: node.key
                state_dir: s
                control_planes: [{address: '127.0.0.1:%d', tls: off}]
                service_keys: [%s]
                setup_keys: [%s]
                messaging: {discovery: '%s'}
                event_loops: 1
                %s
                """.formatted(
                controlPort, service.publicKey().hex(), setup.publicKey().hex(), discovery.uri(), more));
        return opened(Node.start(ConfigFile.forRunning(home.resolve("node.yaml")), "test"));
    }

    private Node blocked(String more) throws Exception {
        return node(
                "alice",
                alice,
                directPort,
                "gateways: [" + gatewayKeys.publicKey().hex() + "]\n" + more);
    }

    /// A rule needs a link: Alice and Bob have one through the messaging server.
    private Node blockedBesideBob() throws Exception {
        node("bob", bob, control.port(), "");
        Node node = blocked("transports: [{peer: " + bob.publicKey().hex() + "}]");
        soon().until(() -> node.status().counts().transportsUp() == 1);
        return node;
    }

    private Rule rule(int number) {
        TransportId id = TransportId.between(alice.publicKey(), bob.publicKey(), TransportType.MESSAGING);
        return new Rule.Relay(id, new RouteId(number), id, new RouteId(1000 + number), Duration.ofSeconds(600));
    }

    private static Optional<String> via(Node node) {
        return node.status().controlPlane().via();
    }

    private static boolean holds(Node node, long revision, int rules) {
        StatusView status = node.status();
        return status.controlPlane().appliedRevision() == revision
                && status.counts().rules() == rules;
    }

    @Test
    void rulesArriveThroughAGatewayWhileTheDirectWayIsBlockedAndDirectlyAfterwards() throws Exception {
        Gateway gateway = gateway("gateway", control.port());
        Node node = blockedBesideBob();
        soon().until(() -> via(node).equals(Optional.of("messaging")));
        assertThat(node.status().controlPlane().gateway()).contains(gatewayKeys.publicKey());
        assertThat(node.status().rulesPulled()).isEqualTo("messaging");

        control.give(alice.publicKey(), List.of(rule(7)));
        soon().until(() -> holds(node, 1, 1));
        assertThat(metrics(gateway))
                .contains("skywire_gateway_links 1.0", "skywire_gateway_streams 1.0", "skywire_gateway_sessions 1.0")
                .contains("skywire_gateway_refused_total{reason=\"busy\"} 0.0");

        Door door = opened(new Door(directPort));
        door.open(control.port());
        soon().until(() -> via(node).equals(Optional.of("direct")));
        control.give(alice.publicKey(), List.of(rule(8)));
        soon().until(() -> holds(node, 2, 2));
        assertThat(node.status().rulesPulled()).isEqualTo("direct");
        soon().untilAsserted(() -> assertThat(metrics(gateway)).contains("skywire_gateway_links 0.0"));

        door.shut();
        soon().until(() -> via(node).equals(Optional.of("messaging")));
        control.give(alice.publicKey(), List.of(rule(9)));
        soon().until(() -> holds(node, 3, 3));
    }

    @Test
    void aGatewayThatDiedIsTriedUntilItIsBack() throws Exception {
        Gateway first = gateway("first-gateway", control.port());
        Node node = blockedBesideBob();
        soon().until(() -> via(node).equals(Optional.of("messaging")));

        first.close();
        soon().until(() -> via(node).isEmpty());
        gateway("second-gateway", control.port());
        soon().until(() -> via(node).equals(Optional.of("messaging")));

        control.give(alice.publicKey(), List.of(rule(7)));
        soon().until(() -> holds(node, 1, 1));
    }

    @Test
    void aGatewayThatCannotReachTheControlPlaneSaysSo() throws Exception {
        gateway("gateway", freePort());
        Node node = blocked("");

        soon().until(() -> node.status()
                .controlPlane()
                .lastError()
                .filter(error -> error.equals(
                        "gateway " + gatewayKeys.publicKey().hex() + ": the local target behind the port refused"))
                .isPresent());
    }

    private static String metrics(Gateway gateway) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://" + gateway.readyLine().replaceAll(".*metrics=", "") + "/metrics");
            return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
