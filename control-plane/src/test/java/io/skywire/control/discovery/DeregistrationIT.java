package io.skywire.control.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.identity.MonitorProof;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.StockCaller;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.Vectors;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportId;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Network monitors at the door of transport discovery.
final class DeregistrationIT {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @TempDir
    static Path keys;

    private static final String PATH = "/transports/deregister";
    private static final List<KeyPair> NODES = TestKeys.pairs(3, 52);
    private static final KeyPair MONITOR = NODES.get(2);
    private static final JsonNode STOCK =
            Vectors.controlPlane().get("network_monitor_headers").get("headers");
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static TestControlPlane plane;
    private static int nonces;

    @BeforeAll
    static void start() {
        plane = TestControlPlane.start(
                POSTGRES.database().url(),
                keys,
                Map.of(
                        "skywire.identity.monitors.keys",
                        MONITOR.publicKey().hex() + "," + STOCK.get("NM-PK").asString()));
    }

    @AfterAll
    static void stop() {
        plane.close();
        HTTP.close();
    }

    @Test
    void aListedMonitorTakesADeadTransportOutUntilItsEdgesRegisterItAgain() throws Exception {
        StockCaller visor = new StockCaller(HTTP, plane.httpPort(), NODES.get(0));
        TransportId id = register(visor);
        String body = "[\"" + id + "\",\""
                + new TransportId(java.util.UUID.fromString("0f4b01fe-1860-09c1-8425-d288083f7638")) + "\"]\n";
        Map<String, String> proof = proof(MONITOR, PATH, Instant.now(), body);

        HttpResponse<String> answer = delete(proof, body);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body().strip()).isEqualTo("null");
        assertThat(visor.call("GET", "/transports/id:" + id, "").statusCode()).isEqualTo(404);
        assertThat(visor.unsigned("GET", "/all-transports", "").body()).doesNotContain(id.toString());
        assertThat(delete(proof, body).statusCode()).as("used before").isEqualTo(403);

        register(visor);
        assertThat(visor.call("GET", "/transports/id:" + id, "").statusCode())
                .as("the other edge has not spoken since")
                .isEqualTo(404);
        register(new StockCaller(HTTP, plane.httpPort(), NODES.get(1)));
        assertThat(visor.call("GET", "/transports/id:" + id, "").statusCode()).isEqualTo(200);
    }

    @Test
    void everybodyElseChangesNothing() throws Exception {
        StockCaller visor = new StockCaller(HTTP, plane.httpPort(), NODES.get(0));
        TransportId id = register(visor);
        String body = "[\"" + id + "\"]";
        Instant now = Instant.now();
        Map<String, String> otherPath = proof(MONITOR, "/dmsg-discovery/deregister", now, body);
        Map<String, String> stock = Map.of(
                "NM-PK",
                STOCK.get("NM-PK").asString(),
                "NM-Sign",
                STOCK.get("NM-Sign").asString());
        Map<String, String> mixed = new HashMap<>(proof(MONITOR, PATH, now, body));
        mixed.putAll(stock);

        assertThat(delete(Map.of(), body).statusCode()).isEqualTo(403);
        assertThat(delete(Map.of("NM-PK", "zz"), body).statusCode()).isEqualTo(400);
        assertThat(delete(proof(NODES.get(1), PATH, now, body), body).statusCode())
                .isEqualTo(403);
        assertThat(delete(proof(MONITOR, PATH, now.minusSeconds(120), body), body)
                        .statusCode())
                .isEqualTo(403);
        assertThat(delete(proof(MONITOR, PATH, now, "[]"), body).statusCode()).isEqualTo(403);
        assertThat(delete(otherPath, body).statusCode()).isEqualTo(403);
        assertThat(delete(stock, body).statusCode()).isEqualTo(400);
        assertThat(delete(mixed, body).statusCode()).isEqualTo(403);
        for (String malformed : List.of("", "{", "{}", "[1]", "[null]", "[\"x\"]", body + "x")) {
            assertThat(delete(proof(MONITOR, PATH, now, malformed), malformed).statusCode())
                    .as(malformed)
                    .isEqualTo(400);
        }
        String huge = "[" + " ".repeat(1024 * 1024) + "]";
        assertThat(delete(proof(MONITOR, PATH, now, huge), huge).statusCode()).isEqualTo(413);

        assertThat(visor.call("GET", "/transports/id:" + id, "").statusCode()).isEqualTo(200);
    }

    private static TransportId register(StockCaller visor) throws Exception {
        SignedTransport transport = DiscoveryRoom.transport(NODES.get(0), NODES.get(1));
        String body = "[{\"entry\":{\"t_id\":\"" + transport.id() + "\",\"edges\":[\""
                + transport.entry().lower().hex() + "\",\""
                + transport.entry().higher().hex() + "\"],\"type\":\""
                + transport.entry().type() + "\",\"label\":\"user\"},\"signatures\":[\""
                + transport.lowerSignature().hex() + "\",\""
                + transport.higherSignature().hex() + "\"]}]\n";
        HttpResponse<String> answer = visor.call("POST", "/transports/", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return transport.id();
    }

    private static Map<String, String> proof(KeyPair monitor, String path, Instant time, String body) {
        byte[] nonce = new byte[16];
        nonce[15] = (byte) ++nonces;
        return Map.of(
                "NM-PK", monitor.publicKey().hex(),
                "NM-Time", Long.toString(time.getEpochSecond()),
                "NM-Nonce", HexFormat.of().formatHex(nonce),
                "NM-Sign",
                        monitor.sign(MonitorProof.signedBytes(
                                        path, monitor.publicKey(), time, nonce, body.getBytes(StandardCharsets.UTF_8)))
                                .hex());
    }

    private static HttpResponse<String> delete(Map<String, String> headers, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + plane.httpPort() + PATH))
                .method("DELETE", HttpRequest.BodyPublishers.ofString(body));
        headers.forEach(request::header);
        return new StockCaller(HTTP, plane.httpPort(), MONITOR).send(request);
    }
}
