package io.skywire.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.skywire.node.api.ApiClient;
import io.skywire.node.api.StatusView;
import io.skywire.node.config.ConfigFile;
import io.skywire.node.config.KeyFile;
import io.skywire.node.config.RelayConfigFile;
import io.skywire.node.directory.FakeDiscovery;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportType;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Two whole nodes that cannot dial each other, a messaging server and its discovery, in one JVM.
@Timeout(300)
class NodeMessagingTest {
    private static final int SIZE = 1_000_000;

    private final KeyPair service = KeyPair.generate(new SecureRandom());
    private final KeyPair setup = KeyPair.generate(new SecureRandom());
    private final KeyPair alice = KeyPair.generate(new SecureRandom());
    private final KeyPair bob = KeyPair.generate(new SecureRandom());
    private final List<AutoCloseable> open = new ArrayList<>();
    private final byte[] page = new byte[SIZE];
    private final CountDownLatch halfSent = new CountDownLatch(1);
    private volatile CountDownLatch goOn = new CountDownLatch(0);
    private final Map<PublicKey, MessagingServer> servers = new HashMap<>();
    private FakeDiscovery discovery;
    private OneJvmControlPlane control;
    private HttpServer web;

    @TempDir
    private Path directory;

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(90));
    }

    @BeforeEach
    void surroundings() throws Exception {
        new Random(3).nextBytes(page);
        discovery = opened(new FakeDiscovery());
        control = opened(new OneJvmControlPlane(
                service, setup, List.of(alice.publicKey(), bob.publicKey()), TransportType.MESSAGING));
        web = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        web.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, SIZE);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(page, 0, SIZE / 2);
                body.flush();
                halfSent.countDown();
                goOn.await(90, TimeUnit.SECONDS);
                body.write(page, SIZE / 2, SIZE - SIZE / 2);
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
        });
        web.start();
        open.add(() -> web.stop(0));
        server("first-server");
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

    private MessagingServer server(String name) throws Exception {
        int port = freePort();
        Path home = Files.createDirectory(directory.resolve(name));
        KeyPair keys = KeyPair.generate(new SecureRandom());
        KeyFile.write(home.resolve("relay.key"), keys);
        MessagingServer server = opened(MessagingServer.start(RelayConfigFile.forRunning(
                Files.writeString(home.resolve("relay.yaml"), """
                        key_file: relay.key
                        listen: 127.0.0.1:%d
                        address: 127.0.0.1:%d
                        discovery: %s
                        drain_seconds: 1
                        event_loops: 1
                        """.formatted(port, port, discovery.uri())))));
        soon().until(() -> discovery.entries.containsKey(keys.publicKey()));
        servers.put(keys.publicKey(), server);
        return server;
    }

    private static int freePort() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /// Each start gets a directory of its own.
    private Node node(String name, KeyPair keys, String more) throws Exception {
        Path home = Files.createDirectory(directory.resolve(name));
        KeyFile.write(home.resolve("node.key"), keys);
        Files.writeString(home.resolve("node.yaml"), """
                key_file: node.key
                state_dir: s
                control_planes: [{address: '127.0.0.1:%d', tls: off}]
                service_keys: [%s]
                setup_keys: [%s]
                messaging: {discovery: '%s'}
                socks: 127.0.0.1:0
                event_loops: 1
                published: [{port: 80, target: '127.0.0.1:%d'}]
                %s
                """.formatted(
                        control.port(),
                        service.publicKey().hex(),
                        setup.publicKey().hex(),
                        discovery.uri(),
                        web.getAddress().getPort(),
                        more));
        return opened(Node.start(ConfigFile.forRunning(home.resolve("node.yaml")), "test"));
    }

    private String to(KeyPair peer, String address) {
        return "transports: [{peer: " + peer.publicKey().hex() + address + "}]";
    }

    private static List<String> types(Node node) throws Exception {
        JsonNode transports = new ApiClient(node.status().doors().apiSocket()).get("/v1/transports");
        return transports
                .valueStream()
                .map(link -> link.path("type").asString())
                .toList();
    }

    private byte[] fetch(Node from) throws Exception {
        String door = from.status().doors().socks().orElseThrow();
        InetSocketAddress proxy =
                new InetSocketAddress("127.0.0.1", Integer.parseInt(door.substring(door.lastIndexOf(':') + 1)));
        try (Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, proxy))) {
            socket.setSoTimeout(90_000);
            socket.connect(InetSocketAddress.createUnresolved(bob.publicKey().base32() + ".sky", 80));
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readAllBytes();
            return Arrays.copyOfRange(answer, answer.length - SIZE, answer.length);
        }
    }

    @Test
    void aPageTravelsBetweenNodesThatNobodyCanDial() throws Exception {
        Node ofBob = node("bob", bob, "");
        Node ofAlice = node("alice", alice, to(bob, ""));
        soon().until(() ->
                types(ofAlice).equals(List.of("messaging")) && types(ofBob).equals(List.of("messaging")));
        soon().until(() -> ofAlice.status().controlPlane().connectedTo().isPresent()
                && ofBob.status().controlPlane().connectedTo().isPresent());

        assertThat(fetch(ofAlice)).isEqualTo(page);

        StatusView.Messaging messaging = ofAlice.status().messaging().orElseThrow();
        assertThat(messaging.servers())
                .isNotEmpty()
                .filteredOn(server -> server.since().isPresent())
                .singleElement()
                .satisfies(server -> assertThat(server.state()).isEqualTo(StatusView.ServerState.UP));
        assertThat(messaging.problems()).isEmpty();
        assertThat(messaging.lettersIn()).isPositive();
        assertThat(ofAlice.status().listen()).isEmpty();
        assertThat(ofAlice.status().links())
                .singleElement()
                .satisfies(link -> assertThat(link.address()).isEqualTo("messaging"));
    }

    @Test
    void aTransferGoesOnWhenTheServerInUseEnds() throws Exception {
        server("second-server");
        Node ofBob = node("bob", bob, "");
        Node ofAlice = node("alice", alice, to(bob, ""));
        soon().until(() -> serversUp(ofAlice) == 2 && serversUp(ofBob) == 2);
        soon().until(() ->
                types(ofAlice).equals(List.of("messaging")) && types(ofBob).equals(List.of("messaging")));
        soon().until(() -> ofAlice.status().controlPlane().connectedTo().isPresent()
                && ofBob.status().controlPlane().connectedTo().isPresent());
        PublicKey inUse = serverInUse(ofAlice);
        goOn = new CountDownLatch(1);
        CompletableFuture<byte[]> fetched = CompletableFuture.supplyAsync(() -> {
            try {
                return fetch(ofAlice);
            } catch (Exception broken) {
                throw new CompletionException(broken);
            }
        });
        assertThat(halfSent.await(90, TimeUnit.SECONDS)).isTrue();

        servers.get(inUse).close();
        goOn.countDown();

        assertThat(fetched.get(90, TimeUnit.SECONDS)).isEqualTo(page);
        assertThat(serverInUse(ofAlice)).isNotEqualTo(inUse);
        assertThat(ofAlice.status().counts().sessions()).isEqualTo(1);
    }

    private static long serversUp(Node node) {
        return node.status().messaging().orElseThrow().servers().stream()
                .filter(server -> server.state() == StatusView.ServerState.UP)
                .count();
    }

    private static PublicKey serverInUse(Node node) throws Exception {
        JsonNode transports = new ApiClient(node.status().doors().apiSocket()).get("/v1/transports");
        String address = transports.path(0).path("address").asString();
        return PublicKey.parse(address.substring(address.indexOf(':') + 1));
    }

    @Test
    void aTransferMovesToTheDirectLinkAndBackWithoutLosingAByte() throws Exception {
        int port = freePort();
        Door door = opened(new Door(port));
        Node ofBob = node("bob", bob, "listen: 127.0.0.1:0");
        Node ofAlice = node("alice", alice, to(bob, ", address: '127.0.0.1:" + port + "'"));
        soon().until(() ->
                types(ofAlice).equals(List.of("messaging")) && types(ofBob).equals(List.of("messaging")));
        soon().until(() -> ofAlice.status().controlPlane().connectedTo().isPresent()
                && ofBob.status().controlPlane().connectedTo().isPresent());
        goOn = new CountDownLatch(1);
        CompletableFuture<byte[]> fetched = CompletableFuture.supplyAsync(() -> {
            try {
                return fetch(ofAlice);
            } catch (Exception broken) {
                throw new CompletionException(broken);
            }
        });
        assertThat(halfSent.await(90, TimeUnit.SECONDS)).isTrue();
        control.routesOver(TransportType.TCP);

        String listen = ofBob.status().listen().orElseThrow();
        door.open(Integer.parseInt(listen.substring(listen.lastIndexOf(':') + 1)));
        soon().until(() -> types(ofAlice).equals(List.of("tcp")) && types(ofBob).equals(List.of("tcp")));
        assertThat(ofAlice.status().counts().sessions()).isEqualTo(1);

        control.routesOver(TransportType.MESSAGING);
        door.shut();
        soon().until(() ->
                types(ofAlice).equals(List.of("messaging")) && types(ofBob).equals(List.of("messaging")));
        goOn.countDown();

        assertThat(fetched.get(90, TimeUnit.SECONDS)).isEqualTo(page);
        assertThat(ofAlice.status().counts().sessions()).isEqualTo(1);
    }

    @Test
    void aDirectLinkTakesOverWhereItWorksAndMessagingWhereItDoesNot() throws Exception {
        int port = freePort();
        Node ofAlice = node("alice", alice, to(bob, ", address: '127.0.0.1:" + port + "'"));
        Node hidden = node("bob-behind-nat", bob, "");
        soon().until(() -> types(ofAlice).equals(List.of("messaging")));
        hidden.close();

        Node reachable = node("bob-in-the-open", bob, "listen: 127.0.0.1:" + port);
        soon().until(() ->
                types(ofAlice).equals(List.of("tcp")) && types(reachable).equals(List.of("tcp")));
        reachable.close();

        node("bob-behind-nat-again", bob, "");
        soon().until(() -> types(ofAlice).equals(List.of("messaging")));
    }
}
