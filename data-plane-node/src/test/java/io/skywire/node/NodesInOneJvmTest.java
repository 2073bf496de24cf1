package io.skywire.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.skywire.node.api.ApiClient;
import io.skywire.node.config.ConfigFile;
import io.skywire.node.config.KeyFile;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Whole nodes, several in one JVM (I10), in a line, around a control plane in memory: from an application's socket to
/// an application's socket through a relay.
class NodesInOneJvmTest {
    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final int SIZE = 3_000_000;

    private final Random random = new Random(17);
    private final KeyPair service = KeyPair.generate(random);
    private final KeyPair setup = KeyPair.generate(random);
    private final List<KeyPair> keys =
            List.of(KeyPair.generate(random), KeyPair.generate(random), KeyPair.generate(random));
    private final List<Node> nodes = new ArrayList<>();
    private final byte[] page = new byte[SIZE];
    private OneJvmControlPlane control;
    private HttpServer web;

    @TempDir
    private Path directory;

    @BeforeEach
    void start() throws Exception {
        random.nextBytes(page);
        control = new OneJvmControlPlane(
                service, setup, keys.stream().map(KeyPair::publicKey).toList());
        web = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        web.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, SIZE);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(page);
            }
        });
        web.start();
        int previous = -1;
        for (int i = 0; i < keys.size(); i++) {
            nodes.add(node(i, previous));
            String listen = nodes.getLast().status().listen().orElseThrow();
            previous = Integer.parseInt(listen.substring(listen.lastIndexOf(':') + 1));
        }
        await().atMost(LIMIT)
                .until(() -> nodes.stream()
                        .allMatch(node ->
                                node.status().controlPlane().connectedTo().isPresent()));
        await().atMost(LIMIT)
                .until(() -> nodes.get(1).status().counts().transportsUp() == 2
                        && nodes.get(0).status().counts().transportsUp() == 1
                        && nodes.get(2).status().counts().transportsUp() == 1);
    }

    @AfterEach
    void stop() throws Exception {
        nodes.forEach(Node::close);
        web.stop(0);
        control.close();
    }

    private Node node(int index, int previousPort) throws Exception {
        Path home = Files.createDirectory(directory.resolve("n" + index));
        KeyFile.write(home.resolve("node.key"), keys.get(index));
        String links = previousPort < 0
                ? "[]"
                : "[{peer: " + keys.get(index - 1).publicKey().hex() + ", address: '127.0.0.1:" + previousPort + "'}]";
        Files.writeString(home.resolve("node.yaml"), """
                key_file: node.key
                state_dir: s
                listen: 127.0.0.1:0
                control_planes: [{address: '127.0.0.1:%d', tls: off}]
                service_keys: [%s]
                setup_keys: [%s]
                transports: %s
                socks: 127.0.0.1:0
                event_loops: 1
                published: [{port: 80, target: '127.0.0.1:%d'}]
                """.formatted(
                        control.port(),
                        service.publicKey().hex(),
                        setup.publicKey().hex(),
                        links,
                        web.getAddress().getPort()));
        return Node.start(ConfigFile.forRunning(home.resolve("node.yaml")), "test");
    }

    private JsonNode ask(int index, String path) throws Exception {
        return new ApiClient(nodes.get(index).status().doors().apiSocket()).get(path);
    }

    private byte[] fetch(PublicKey from) throws Exception {
        String door = nodes.getFirst().status().doors().socks().orElseThrow();
        InetSocketAddress proxy =
                new InetSocketAddress("127.0.0.1", Integer.parseInt(door.substring(door.lastIndexOf(':') + 1)));
        try (Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, proxy))) {
            socket.setSoTimeout((int) LIMIT.toMillis());
            socket.connect(InetSocketAddress.createUnresolved(from.base32() + ".sky", 80));
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            byte[] answer = in.readAllBytes();
            return Arrays.copyOfRange(answer, answer.length - SIZE, answer.length);
        }
    }

    @Test
    void aPageTravelsThroughARelayAndTheRouteIsTakenBack() throws Exception {
        assertThat(fetch(keys.get(2).publicKey())).isEqualTo(page);

        JsonNode relayRules = ask(1, "/v1/rules");
        assertThat(relayRules).hasSize(2);
        assertThat(relayRules.toString())
                .contains("relay")
                .doesNotContain(keys.get(0).publicKey().hex())
                .doesNotContain(keys.get(2).publicKey().hex());
        assertThat(relayRules.get(0).path("bytes").longValue()
                        + relayRules.get(1).path("bytes").longValue())
                .isGreaterThan(SIZE);

        new ApiClient(nodes.getFirst().status().doors().apiSocket())
                .post("/v1/hangup", Map.of("peer", keys.get(2).publicKey().hex()), LIMIT);

        await().atMost(LIMIT)
                .until(() ->
                        nodes.stream().allMatch(node -> node.status().counts().rules() == 0));
        assertThat(nodes.getFirst().status().counts().sessions()).isZero();
    }

    @Test
    void aSecondStartHearsThatTheNodeRuns() throws Exception {
        Path config = directory.resolve("n0").resolve("node.yaml");
        String taken = nodes.getFirst().status().listen().orElseThrow();
        Files.writeString(config, Files.readString(config).replace("listen: 127.0.0.1:0", "listen: " + taken));

        assertThatThrownBy(() -> Node.start(ConfigFile.forRunning(config), "test"))
                .isInstanceOf(NodeStartException.class)
                .hasMessageStartingWith(
                        "already running (pid " + ProcessHandle.current().pid() + ")");
        assertThat(ask(0, "/v1/transports")).hasSize(1);
    }

    @Test
    void aNodeWhoseAddressIsTakenSaysSoAndLeavesNothingBehind() throws Exception {
        String taken = nodes.getFirst().status().listen().orElseThrow();
        Path home = Files.createDirectory(directory.resolve("late"));
        KeyFile.write(home.resolve("node.key"), KeyPair.generate(random));
        Files.writeString(home.resolve("node.yaml"), """
                key_file: node.key
                state_dir: s
                listen: %s
                control_planes: [{address: '127.0.0.1:%d', tls: off}]
                service_keys: [%s]
                setup_keys: [%s]
                """.formatted(
                        taken,
                        control.port(),
                        service.publicKey().hex(),
                        setup.publicKey().hex()));

        assertThatThrownBy(() -> Node.start(ConfigFile.forRunning(home.resolve("node.yaml")), "test"))
                .isInstanceOf(NodeStartException.class)
                .hasMessageContaining("in use")
                .hasMessageContaining(taken);
        assertThat(home.resolve("s").resolve("api.sock")).doesNotExist();
    }
}
