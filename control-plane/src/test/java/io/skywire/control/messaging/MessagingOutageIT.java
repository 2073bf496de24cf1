package io.skywire.control.messaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The database goes and comes back under the discovery: an outage is 503 and never "not found".
final class MessagingOutageIT {
    private static final KeyPair KEY = TestKeys.pairs(1, 8).getFirst();

    @TempDir
    Path home;

    @Test
    void anOutageIsToldAsOneAndNothingIsLost() throws Exception {
        EmbeddedPostgres postgres = postgres(0);
        int port = postgres.getPort();
        try (HttpClient http = HttpClient.newHttpClient();
                TestControlPlane plane = TestControlPlane.start(
                        postgres.getJdbcUrl("postgres", "postgres"), home.resolve("keys"), Map.of())) {
            String document = SignedDocument.client(KEY, "0", Instant.now()).text();
            String entry = "/dmsg-discovery/entry/" + KEY.publicKey().hex();
            assertThat(send(http, plane, "POST", "/dmsg-discovery/entry/", document)
                            .statusCode())
                    .isEqualTo(200);

            postgres.close();

            for (String path : List.of(entry, "/dmsg-discovery/entries", "/dmsg-discovery/all_servers")) {
                HttpResponse<String> answer = send(http, plane, "GET", path, "");
                assertThat(answer.statusCode()).as(path).isEqualTo(503);
                assertThat(answer.body()).isEqualTo("{\"message\":\"something unexpected happened\",\"code\":503}");
                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            }
            String next = SignedDocument.client(KEY, "1", Instant.now()).text();
            assertThat(send(http, plane, "POST", "/dmsg-discovery/entry/", next).statusCode())
                    .isEqualTo(503);
            assertThat(send(http, plane, "DELETE", "/dmsg-discovery/entry", document)
                            .statusCode())
                    .isEqualTo(503);
            assertThat(send(http, plane, "GET", "/uptimes", "").statusCode()).isEqualTo(503);

            postgres = postgres(port);

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> send(http, plane, "GET", entry, "").statusCode() == 200);
            assertThat(send(http, plane, "GET", entry, "").body()).isEqualTo(document);
        } finally {
            postgres.close();
        }
    }

    private static HttpResponse<String> send(
            HttpClient http, TestControlPlane plane, String method, String path, String body)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + plane.httpPort() + path))
                        .timeout(Duration.ofSeconds(30))
                        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private EmbeddedPostgres postgres(int port) throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(home.resolve("database"))
                .setCleanDataDirectory(false)
                .setServerConfig("fsync", "off");
        if (port != 0) {
            builder.setPort(port);
        }
        return builder.start();
    }
}
