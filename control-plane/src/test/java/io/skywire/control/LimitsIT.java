package io.skywire.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.StockCaller;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Empty token buckets as callers see them. Periods are so long that no token comes back while a test runs.
final class LimitsIT {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private static final List<KeyPair> KEYS = TestKeys.pairs(3, 429);
    private static final int NETWORK = 40;
    private static final int KEY = 3;
    private static final int UPTIMES = 5;

    @TempDir
    static Path home;

    private static TestControlPlane plane;
    private static HttpClient http;

    private final StockCaller a = new StockCaller(http, plane.httpPort(), KEYS.get(0));
    private final StockCaller b = new StockCaller(http, plane.httpPort(), KEYS.get(1));

    /// Behind a proxy on loopback, so that each test can come from an address of its own.
    @BeforeAll
    static void start() {
        plane = TestControlPlane.start(
                POSTGRES.database().url(),
                home,
                Map.of(
                        "skywire.limits.exempt",
                        "",
                        "skywire.limits.network",
                        NETWORK + "/7d",
                        "skywire.limits.key",
                        KEY + "/7d",
                        "skywire.limits.uptimes",
                        UPTIMES + "/7d",
                        "skywire.limits.ipv4-prefix",
                        "24",
                        "server.forward-headers-strategy",
                        "native"));
        http = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        http.close();
        plane.close();
    }

    @Test
    void aNetworkIsLimitedBeforeItsSignaturesAreChecked() throws Exception {
        String path = "/transports/edge:" + KEYS.get(0).publicKey().hex();
        for (int i = 0; i < NETWORK; i++) {
            assertThat(from("198.51.100." + i, "GET", path, "SW-Public", "zz").statusCode())
                    .isEqualTo(401);
        }

        HttpResponse<String> limited = from("198.51.100.200", "GET", path, "SW-Public", "zz");

        assertThat(limited.statusCode()).isEqualTo(429);
        assertThat(retryAfter(limited)).isBetween(1L, Duration.ofDays(7).toSeconds() / NETWORK + 1);
        assertThat(from("198.51.101.1", "GET", path, "SW-Public", "zz").statusCode())
                .as("another network")
                .isEqualTo(401);
    }

    @Test
    void eachPathAnswersInItsOwnShape() throws Exception {
        for (int i = 0; i < NETWORK; i++) {
            from("203.0.113.1", "GET", "/health");
        }

        for (String path : List.of("/all-transports", "/transports/", "/uptimes", "/config", "/statuses")) {
            JsonNode body = limited("203.0.113.1", path, "application/json");
            assertThat(body.propertyNames()).as(path).containsExactly("error");
            assertThat(body.get("error").stringValue()).startsWith("too many requests of this network: try again in ");
        }
        for (String path :
                List.of("/routes", "/security/nonces/" + KEYS.get(0).publicKey().hex())) {
            JsonNode body = limited("203.0.113.1", path, "application/json").get("error");
            assertThat(body.propertyNames()).as(path).containsExactly("message", "code");
            assertThat(body.get("code").intValue()).isEqualTo(429);
        }
        JsonNode messaging = limited("203.0.113.1", "/dmsg-discovery/entries", "application/json");
        assertThat(messaging.propertyNames()).containsExactly("message", "code");
        JsonNode ours = limited("203.0.113.1", "/api/v1/routes", "application/problem+json");
        assertThat(ours.get("type").stringValue()).isEqualTo("/errors/rate-limited");
        assertThat(ours.get("status").intValue()).isEqualTo(429);
        assertThat(ours.get("instance").stringValue()).isEqualTo("/api/v1/routes");
        assertThat(from("203.0.113.1", "GET", "/actuator/health/liveness").statusCode())
                .as("probes are not limited")
                .isEqualTo(200);
    }

    @Test
    void aKeyIsLimitedWhereverItSignsAndItsNonceIsSpent() throws Exception {
        String path = "/transports/edge:" + a.key().publicKey().hex();
        for (int i = 0; i < KEY; i++) {
            assertThat(signed(a, "192.0.2.1", path, BigInteger.valueOf(i)).statusCode())
                    .isEqualTo(200);
        }

        HttpResponse<String> limited = signed(a, "10.77.1.1", path, BigInteger.valueOf(KEY));

        assertThat(limited.statusCode()).isEqualTo(429);
        assertThat(limited.body()).contains("too many requests of this key");
        assertThat(retryAfter(limited)).isPositive();
        assertThat(signed(a, "192.0.2.1", path, BigInteger.valueOf(KEY)).statusCode())
                .as("the nonce is spent")
                .isEqualTo(401);
        assertThat(signed(b, "192.0.2.1", path, BigInteger.ZERO).statusCode())
                .as("another key")
                .isEqualTo(200);
    }

    @Test
    void whoSendsAgainWhatAKeyHasSignedCannotLockItOut() throws Exception {
        StockCaller victim = new StockCaller(http, plane.httpPort(), KEYS.get(2));
        String path = "/transports/edge:" + victim.key().publicKey().hex();
        assertThat(signed(victim, "192.0.2.9", path, BigInteger.ZERO).statusCode())
                .isEqualTo(200);
        for (int i = 0; i < 3 * KEY; i++) {
            assertThat(signed(victim, "10.66.1.1", path, BigInteger.ZERO).statusCode())
                    .isEqualTo(401);
        }

        assertThat(signed(victim, "192.0.2.9", path, BigInteger.ONE).statusCode())
                .isEqualTo(200);
    }

    @Test
    void uptimeListingsHaveALimitOfTheirOwnHoweverTheyAreSpelled() throws Exception {
        List<String> spellings = List.of("/uptimes", "/uptimes?v=v2", "/visors", "/uptimes;x=1", "/%75ptimes");
        for (int i = 0; i < UPTIMES; i++) {
            assertThat(from("10.55.1.1", "GET", spellings.get(i)).statusCode())
                    .as(spellings.get(i))
                    .isEqualTo(200);
        }

        HttpResponse<String> limited = from("10.55.1.1", "GET", "/uptimes");

        assertThat(limited.statusCode()).isEqualTo(429);
        assertThat(retryAfter(limited)).isPositive();
        assertThat(from("10.55.1.1", "GET", "/visors").statusCode()).isEqualTo(429);
        assertThat(from("10.55.1.1", "GET", "/health").statusCode()).isEqualTo(200);
        assertThat(from("10.55.2.1", "GET", "/uptimes").statusCode()).isEqualTo(200);
    }

    @Test
    void countsWhatItRefuses() throws Exception {
        for (int i = 0; i <= UPTIMES; i++) {
            from("10.44.1.1", "GET", "/uptimes");
        }
        String metrics = from("10.44.1.1", "GET", "/actuator/prometheus").body();

        assertThat(metrics)
                .containsPattern("skywire_requests_limited_total\\{bucket=\"uptimes\"} [1-9]")
                .contains("skywire_requests_limited_total{bucket=\"network\"}")
                .contains("skywire_requests_limited_total{bucket=\"key\"}")
                .contains("skywire_agent_sessions_limited_total{bucket=\"network\"}")
                .contains("skywire_agent_sessions_limited_total{bucket=\"key\"}");
    }

    @Test
    void aBodyThatIsStillOnItsWayDoesNotHideTheRefusal() throws Exception {
        for (int i = 0; i < NETWORK; i++) {
            from("10.33.1.1", "GET", "/health");
        }
        HttpResponse<String> limited = http.send(
                HttpRequest.newBuilder(uri("/transports/"))
                        .header("X-Forwarded-For", "10.33.1.1")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[900_000]))
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(limited.statusCode()).isEqualTo(429);
    }

    @Test
    void byDefaultLoopbackIsNotLimitedAndNobodyIsBelievedToComeFromElsewhere() throws Exception {
        Map<String, String> narrow =
                new HashMap<>(Map.of("skywire.limits.network", "1/7d", "skywire.limits.key", "1/7d"));
        try (TestControlPlane open = TestControlPlane.start(POSTGRES.database().url(), home, narrow)) {
            for (int i = 0; i < 10; i++) {
                assertThat(statusOf(open, "192.0.2." + i, "/uptimes")).isEqualTo(200);
            }
        }
        narrow.put("skywire.limits.exempt", "");
        try (TestControlPlane closed =
                TestControlPlane.start(POSTGRES.database().url(), home, narrow)) {
            assertThat(statusOf(closed, "192.0.2.1", "/health")).isEqualTo(200);
            assertThat(statusOf(closed, "192.0.2.2", "/health"))
                    .as("X-Forwarded-For means nothing unless it is switched on")
                    .isEqualTo(429);
        }
    }

    @Test
    void whatNamesWholeRoutesIsAnsweredToStaffAloneHoweverItIsSpelled() throws Exception {
        List<String> forStaff = List.of(
                "/api/v1/routes",
                "/api/v1/routes?state=ACTIVE",
                "/api/v1/%72outes;x=1",
                "/api/v1/routes/5c91c9b4-4ab0-4de8-b88a-f0e065071162",
                "/api/v1/routes/explain",
                "/api/v1/blame");
        for (String path : forStaff) {
            HttpResponse<String> refused = from("198.18.1.1", "GET", path);
            assertThat(refused.statusCode()).as(path).isEqualTo(403);
            assertThat(refused.body()).contains("/errors/staff-only");
        }
        assertThat(from("198.18.1.1", "GET", "/api/v1/nodes").statusCode()).isEqualTo(200);
        assertThat(from("127.0.0.2", "GET", "/api/v1/routes").statusCode()).isEqualTo(200);
        try (TestControlPlane unbelieving =
                TestControlPlane.start(POSTGRES.database().url(), home, Map.of())) {
            assertThat(statusOf(unbelieving, "127.0.0.2", "/api/v1/routes"))
                    .as("a proxy on this machine that nobody has said is one")
                    .isEqualTo(403);
        }
    }

    private static int statusOf(TestControlPlane plane, String forwarded, String path) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + plane.httpPort() + path))
                                .header("X-Forwarded-For", forwarded)
                                .timeout(Duration.ofSeconds(10))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    private static HttpResponse<String> from(String address, String method, String path, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .header("X-Forwarded-For", address)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(Duration.ofSeconds(10));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> signed(StockCaller caller, String address, String path, BigInteger nonce)
            throws Exception {
        return from(
                address,
                "GET",
                path,
                "SW-Public",
                caller.key().publicKey().hex(),
                "SW-Nonce",
                nonce.toString(),
                "SW-Sig",
                caller.signature("", nonce.toString()));
    }

    private static JsonNode limited(String address, String path, String contentType) throws Exception {
        HttpResponse<String> answer = from(address, "GET", path);
        assertThat(answer.statusCode()).as(path).isEqualTo(429);
        assertThat(answer.headers().firstValue("Content-Type")).contains(contentType);
        assertThat(retryAfter(answer)).isPositive();
        return StockCaller.json(answer);
    }

    private static long retryAfter(HttpResponse<?> answer) {
        return answer.headers().firstValueAsLong("Retry-After").orElseThrow();
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + plane.httpPort() + path);
    }
}
