package io.skywire.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.skywire.node.cli.NodeMain;
import io.skywire.node.config.ConfigFile;
import io.skywire.node.config.KeyFile;
import io.skywire.shared.key.KeyPair;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A node in a process of its own, with the least budget of direct memory, between many connections whose readers stand
/// still.
@Timeout(300)
class DirectMemoryBudgetTest {
    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final int BUDGET_MIB = 16;
    private static final long BUDGET = BUDGET_MIB << 20;
    private static final int CONNECTIONS = 60; // in each direction; with 256 KiB each they want twice the budget
    private static final int FLOOD = 8 << 20;
    private static final int PAGE = 300_000;

    private final Random random = new Random(23);
    private final KeyPair service = KeyPair.generate(random);
    private final KeyPair setup = KeyPair.generate(random);
    private final KeyPair near = KeyPair.generate(random);
    private final KeyPair far = KeyPair.generate(random);
    private final byte[] page = new byte[PAGE];
    private final Queue<AutoCloseable> open = new ConcurrentLinkedQueue<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private Process process;
    private URI metrics;
    private InetSocketAddress socks;

    @TempDir
    private Path directory;

    private interface Serving {
        void serve(Socket client) throws IOException;
    }

    @BeforeEach
    void start() throws Exception {
        random.nextBytes(page);
        OneJvmControlPlane control = new OneJvmControlPlane(service, setup, List.of(near.publicKey(), far.publicKey()));
        open.add(control);
        int silent = serve(client -> {});
        int flooding = serve(client -> {
            if (client.getInputStream().read() >= 0) {
                flood(client.getOutputStream());
            }
        });
        int pages = serve(client -> {
            client.getOutputStream().write(page);
            client.close();
        });
        Node farNode = Node.start(
                ConfigFile.forRunning(config("far", far, control.port(), """
                        published:
                          - {port: 1, target: '127.0.0.1:%d'}
                          - {port: 2, target: '127.0.0.1:%d'}
                          - {port: 3, target: '127.0.0.1:%d'}
                        """.formatted(silent, flooding, pages))),
                "test");
        open.add(farNode);
        String listen = farNode.status().listen().orElseThrow();
        Path config = config(
                "near", near, control.port(), """
                transports: [{peer: %s, address: '%s'}]
                socks: 127.0.0.1:0
                metrics: 127.0.0.1:0
                direct_memory_mib: %d
                """.formatted(far.publicKey().hex(), listen, BUDGET_MIB));
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        NodeMain.class.getName(),
                        "run",
                        "--end-with-parent",
                        "--config",
                        config.toString())
                .redirectErrorStream(true)
                .redirectOutput(log().toFile())
                .start();
        await().atMost(LIMIT).until(() -> said().contains("ready node="));
        socks = door("socks");
        metrics = URI.create("http://127.0.0.1:" + door("metrics").getPort() + "/metrics");
        await().atMost(LIMIT).until(() -> farNode.status().counts().transportsUp() == 1);
        await().atMost(LIMIT).until(() -> value("skywire_node_control_session{via=\"direct\"}") == 1);
    }

    @AfterEach
    void stop() throws Exception {
        closeConnections();
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    @Test
    void staysInsideItsBudgetBetweenReadersThatStandStill() throws Exception {
        assertThat(fetchPage()).isEqualTo(page);
        assertThat(value("skywire_node_direct_memory_budget_bytes")).isEqualTo(BUDGET);

        List<Socket> upwards = new ArrayList<>();
        List<Socket> downwards = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            upwards.add(connect(1));
            downwards.add(connect(2));
        }
        for (int i = 0; i < CONNECTIONS; i++) { // after all have connected: what stands still holds up new streams
            Socket up = upwards.get(i);
            Thread.ofVirtual().start(() -> flood(up));
            downwards.get(i).getOutputStream().write(1);
        }

        await().atMost(LIMIT).until(() -> used() > BUDGET / 2);
        for (int look = 0; look < 50; look++) {
            assertThat(used()).isLessThanOrEqualTo(BUDGET);
        }
        closeConnections();
        await().atMost(LIMIT)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(fetchPage()).isEqualTo(page));
        assertThat(said()).doesNotContain("OutOfDirectMemory", "because of a bug");
        assertThat(process.isAlive()).isTrue();
    }

    private double used() throws Exception {
        return value("skywire_node_direct_memory_bytes");
    }

    private double value(String series) throws Exception {
        HttpRequest scrape = HttpRequest.newBuilder(metrics).timeout(LIMIT).build();
        return http.send(scrape, HttpResponse.BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(0);
    }

    private byte[] fetchPage() throws IOException {
        try (Socket socket = connect(3);
                InputStream in = socket.getInputStream()) {
            return in.readAllBytes();
        }
    }

    private Socket connect(int port) throws IOException {
        Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, socks));
        open.add(socket);
        socket.setSoTimeout((int) LIMIT.toMillis());
        socket.connect(InetSocketAddress.createUnresolved(far.publicKey().base32() + ".sky", port));
        return socket;
    }

    private void closeConnections() throws Exception {
        for (AutoCloseable each : open) {
            if (each instanceof Socket socket) {
                socket.close();
            }
        }
    }

    private static void flood(Socket socket) {
        try {
            flood(socket.getOutputStream());
        } catch (IOException ended) {
            // the test is through with it
        }
    }

    private static void flood(OutputStream out) throws IOException {
        byte[] piece = new byte[65_536];
        for (int sent = 0; sent < FLOOD; sent += piece.length) {
            out.write(piece);
        }
    }

    private int serve(Serving serving) throws IOException {
        ServerSocket listening = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        listening.setReceiveBufferSize(16_384);
        open.add(listening);
        Thread.ofVirtual().start(() -> {
            while (!listening.isClosed()) {
                try {
                    Socket client = listening.accept();
                    open.add(client);
                    Thread.ofVirtual().start(() -> {
                        try {
                            serving.serve(client);
                        } catch (IOException ended) {
                            // the other side is through with it
                        }
                    });
                } catch (IOException closed) {
                    return;
                }
            }
        });
        return listening.getLocalPort();
    }

    private Path config(String name, KeyPair key, int controlPort, String more) throws Exception {
        Path home = Files.createDirectory(directory.resolve(name));
        KeyFile.write(home.resolve("node.key"), key);
        return Files.writeString(
                home.resolve("node.yaml"),
                """
                key_file: node.key
                state_dir: s
                listen: 127.0.0.1:0
                control_planes: [{address: '127.0.0.1:%d', tls: off}]
                service_keys: [%s]
                setup_keys: [%s]
                event_loops: 1
                """.formatted(
                                        controlPort,
                                        service.publicKey().hex(),
                                        setup.publicKey().hex())
                        + more);
    }

    private InetSocketAddress door(String name) throws IOException {
        String port = said().replaceAll("(?s).* " + name + "=[^ ]*:(\\d+).*", "$1");
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
    }

    private Path log() {
        return directory.resolve("near.log");
    }

    private String said() throws IOException {
        return Files.exists(log()) ? Files.readString(log()) : "";
    }
}
