package io.skywire.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.node.config.ConfigFile;
import io.skywire.node.config.GatewayConfigFile;
import io.skywire.node.config.KeyFile;
import io.skywire.node.config.RelayConfigFile;
import io.skywire.node.directory.FakeDiscovery;
import io.skywire.shared.MetricsTable;
import io.skywire.shared.key.KeyPair;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `docs/metrics.md` says what a node, a messaging server and a gateway show, before anything has happened to them.
@Timeout(60)
class MetricsPageTest {
    private final KeyPair keys = KeyPair.generate(new SecureRandom());

    @TempDir
    Path directory;

    @BeforeEach
    void aKey() throws Exception {
        KeyFile.write(directory.resolve("key"), keys);
    }

    private Path config(String yaml) throws Exception {
        return Files.writeString(directory.resolve("config.yaml"), yaml);
    }

    private static void isAsThePageSays(String program, String readyLine) throws Exception {
        URI metrics = URI.create("http://" + readyLine.replaceAll(".*metrics=(\\S+).*", "$1") + "/metrics");
        try (HttpClient http = HttpClient.newHttpClient()) {
            String scrape = http.send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
                    .body();

            assertThat(MetricsTable.of(scrape))
                    .isNotEmpty()
                    .containsExactlyInAnyOrderElementsOf(MetricsTable.ofPage(program));
            assertThat(MetricsTable.withKeys(scrape)).isEmpty();
        }
    }

    @Test
    void everyMetricOfANodeStandsOnThePageAsItIs() throws Exception {
        Path config =
                config("""
                key_file: key
                state_dir: state
                control_planes: [{address: '127.0.0.1:1', tls: off}]
                service_keys: [%s]
                setup_keys: [%s]
                metrics: 127.0.0.1:0
                """.formatted(keys.publicKey().hex(), keys.publicKey().hex()));
        try (Node node = Node.start(ConfigFile.forRunning(config), "test")) {
            isAsThePageSays("node", "metrics=" + node.status().doors().metrics().orElseThrow());
        }
    }

    @Test
    void everyMetricOfAMessagingServerStandsOnThePageAsItIs() throws Exception {
        Path config = config("key_file: key\nlisten: 127.0.0.1:0\nmetrics: 127.0.0.1:0\ndrain_seconds: 1\n");
        try (MessagingServer server = MessagingServer.start(RelayConfigFile.forRunning(config))) {
            isAsThePageSays("messaging-server", server.readyLine());
        }
    }

    @Test
    void everyMetricOfAGatewayStandsOnThePageAsItIs() throws Exception {
        try (FakeDiscovery discovery = new FakeDiscovery();
                Gateway gateway = Gateway.start(GatewayConfigFile.forRunning(config("""
                        key_file: key
                        discovery: %s
                        control_plane: 127.0.0.1:1
                        metrics: 127.0.0.1:0
                        """.formatted(discovery.uri()))))) {
            isAsThePageSays("gateway", gateway.readyLine());
        }
    }
}
