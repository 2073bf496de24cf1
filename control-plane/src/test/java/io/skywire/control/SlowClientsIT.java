package io.skywire.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestControlPlane;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Clients that send a byte now and then, often enough for every timeout that counts from byte to byte.
@Timeout(120)
final class SlowClientsIT {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    /// Far below what the drip of a whole request takes, far above the time between two bytes.
    private static final Duration DEADLINE = Duration.ofSeconds(4);

    private static final Duration DRIP = Duration.ofMillis(100);
    private static final int BYTES = 400;

    @TempDir
    static Path home;

    private static TestControlPlane plane;

    @BeforeAll
    static void start() {
        plane = TestControlPlane.start(
                POSTGRES.database().url(),
                home,
                Map.of(
                        "skywire.http.head-deadline", DEADLINE.toMillis() + "ms",
                        "skywire.http.body-deadline", DEADLINE.toMillis() + "ms",
                        "skywire.identity.signing.body-timeout", DEADLINE.toMillis() + "ms"));
    }

    @AfterAll
    static void stop() {
        plane.close();
    }

    @Test
    void aHeadThatDripsIsCutOff() throws Exception {
        try (Client client = new Client()) {
            client.send("GET /health HTTP/1.1\r\nHost: x\r\nX-Long: ");

            assertThat(client.drip("a".repeat(BYTES)))
                    .as("bytes sent before the end")
                    .isLessThan(BYTES);
        }
    }

    @Test
    void aRequestLineThatDripsIsCutOffOnAConnectionThatWasGoodBefore() throws Exception {
        try (Client client = new Client()) {
            client.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.readSome()).startsWith("HTTP/1.1 200");

            assertThat(client.drip("GET /" + "a".repeat(BYTES))).isLessThan(BYTES);
        }
    }

    @Test
    void headsInPiecesAreServedEachWithADeadlineOfItsOwn() throws Exception {
        try (Client client = new Client()) {
            Instant enough = Instant.now().plus(DEADLINE).plusSeconds(1);
            while (Instant.now().isBefore(enough)) {
                client.send("GET /health HT");
                client.waitsInVain();
                client.send("TP/1.1\r\nHost: x\r\n");
                client.waitsInVain();
                client.send("\r\n");
                assertThat(client.readSome()).startsWith("HTTP/1.1 200");
            }
        }
    }

    @Test
    void bodiesThatDripAreCutOff() throws Exception {
        List<Callable<Void>> drips = Stream.of(
                        "/routes", "/dmsg-discovery/entry/", "/transports/", "/api/v1/routes", "/nothing-here")
                .<Callable<Void>>map(path -> () -> dripBody(path))
                .toList();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Void> drip : clients.invokeAll(drips)) {
                drip.get();
            }
        }
    }

    private static Void dripBody(String path) throws IOException {
        try (Client client = new Client()) {
            client.send("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + BYTES + "\r\n\r\n");

            assertThat(client.drip("[".repeat(BYTES))).as(path).isLessThan(BYTES);
            assertThat(client.received()).as(path).containsPattern("^HTTP/1\\.1 4\\d\\d ");
        }
        return null;
    }

    @Test
    void aChunkedBodyThatDripsIsCutOff() throws Exception {
        try (Client client = new Client()) {
            client.send("POST /routes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");

            assertThat(client.drip("1\r\n[\r\n".repeat(BYTES / 6))).isLessThan(BYTES / 6 * 6);
            assertThat(client.received()).startsWith("HTTP/1.1 408 ").contains("/errors/body-too-slow");
        }
    }

    @Test
    void whoIsSlowHoldsUpNobodyElse() throws Exception {
        Client[] slow = new Client[50];
        try {
            for (int i = 0; i < slow.length; i++) {
                slow[i] = new Client();
                slow[i].send("POST /routes HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[");
            }
            for (int i = 0; i < 20; i++) {
                assertThat(ControlPlaneIT.get(plane, "/health").statusCode()).isEqualTo(200);
            }
        } finally {
            for (Client client : slow) {
                if (client != null) {
                    client.close();
                }
            }
        }
    }

    /// A socket that sees whether the server has hung up.
    private static final class Client implements AutoCloseable {
        private final Socket socket = new Socket("127.0.0.1", plane.httpPort());
        private final StringBuilder received = new StringBuilder();

        Client() throws IOException {
            socket.setTcpNoDelay(true);
        }

        void send(String text) throws IOException {
            OutputStream out = socket.getOutputStream();
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }

        /// Sends one byte after the other until the server ends the connection. The number of bytes sent.
        int drip(String text) throws IOException {
            socket.setSoTimeout((int) DRIP.toMillis());
            for (int sent = 0; sent < text.length(); sent++) {
                try {
                    send(text.substring(sent, sent + 1));
                    int read = socket.getInputStream().read();
                    if (read < 0) {
                        return sent;
                    }
                    received.append((char) read);
                    received.append(new String(
                            socket.getInputStream()
                                    .readNBytes(socket.getInputStream().available()),
                            StandardCharsets.UTF_8));
                } catch (SocketTimeoutException stillOpen) {
                    continue;
                } catch (SocketException hungUp) {
                    return sent;
                }
            }
            return text.length();
        }

        String received() {
            return received.toString();
        }

        String readSome() throws IOException {
            socket.setSoTimeout(10_000);
            InputStream in = socket.getInputStream();
            byte[] some = new byte[4096];
            return new String(some, 0, Math.max(0, in.read(some)), StandardCharsets.UTF_8);
        }

        /// The server says nothing yet, and the time between two pieces passes.
        void waitsInVain() throws IOException {
            socket.setSoTimeout((int) DRIP.toMillis());
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
