package io.skywire.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.skywire.node.config.KeyFile;
import io.skywire.node.config.RelayConfig;
import io.skywire.node.config.RelayConfigFile;
import io.skywire.node.directory.DirectoryEntry;
import io.skywire.node.directory.FakeDiscovery;
import io.skywire.shared.key.KeyPair;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MessagingServerTest {
    private final KeyPair keys = KeyPair.generate(new SecureRandom());

    @TempDir
    Path directory;

    @BeforeEach
    void aKey() throws Exception {
        KeyFile.write(directory.resolve("relay.key"), keys);
    }

    private RelayConfig config(String more) throws Exception {
        return RelayConfigFile.forRunning(Files.writeString(
                directory.resolve("relay.yaml"),
                "key_file: relay.key\nlisten: 127.0.0.1:0\ndrain_seconds: 1\n" + more));
    }

    @Test
    void isInTheDiscoveryWhileItRunsAndShowsItsNumbers() throws Exception {
        try (FakeDiscovery discovery = new FakeDiscovery();
                HttpClient http = HttpClient.newHttpClient()) {
            MessagingServer server = MessagingServer.start(config("""
                    capacity: 50
                    address: relay.example.org:7780
                    discovery: %s
                    metrics: 127.0.0.1:0
                    """.formatted(discovery.uri())));
            try (server) {
                await().atMost(Duration.ofSeconds(30)).until(() -> discovery.entries.containsKey(keys.publicKey()));
                DirectoryEntry.Server entry =
                        discovery.entries.get(keys.publicKey()).server().orElseThrow();
                assertThat(entry.address()).isEqualTo("relay.example.org:7780");
                assertThat(entry.availableSessions()).isEqualTo(50);
                String ready = server.readyLine();
                assertThat(ready)
                        .matches("ready relay=" + keys.publicKey().hex()
                                + " listen=127\\.0\\.0\\.1:\\d+ metrics=127\\.0\\.0\\.1:\\d+");

                URI metrics = URI.create("http://" + ready.replaceAll(".*metrics=", "") + "/metrics");
                await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(http.send(
                                                HttpRequest.newBuilder(metrics).build(),
                                                HttpResponse.BodyHandlers.ofString())
                                        .body())
                                .contains(
                                        "skywire_relay_sessions 0.0",
                                        "skywire_relay_capacity 50.0",
                                        "skywire_relay_registered 1.0",
                                        "skywire_relay_letters_total 0.0",
                                        "skywire_relay_bytes_total 0.0",
                                        "skywire_relay_dropped_total{reason=\"queue_full\"} 0.0",
                                        "skywire_relay_refused_total{reason=\"key_in_use\"} 0.0",
                                        "skywire_relay_sessions_ended_total{reason=\"silent\"} 0.0"));
            }
            assertThat(discovery.entries).doesNotContainKey(keys.publicKey());
        }
    }

    @Test
    void saysThatItsPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            RelayConfig config = RelayConfigFile.forRunning(Files.writeString(
                    directory.resolve("relay.yaml"),
                    "key_file: relay.key\nlisten: 127.0.0.1:" + taken.getLocalPort() + "\n"));

            assertThatThrownBy(() -> MessagingServer.start(config))
                    .isInstanceOf(NodeStartException.class)
                    .hasMessageContaining("in use");
        }
    }
}
