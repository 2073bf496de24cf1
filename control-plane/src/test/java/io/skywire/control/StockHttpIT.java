package io.skywire.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.StockCaller;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.shared.Vectors;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.SecretKey;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportId;
import io.skywire.shared.transport.TransportType;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The HTTP contracts of stock clients against the whole application, PostgreSQL and the golden vectors.
final class StockHttpIT {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @TempDir
    static Path home;

    private static final JsonNode VECTORS = Vectors.controlPlane();
    private static TestControlPlane plane;
    private static HttpClient http;

    private final StockCaller a = caller(KeyPair.generate(new SecureRandom()));
    private final StockCaller b = caller(KeyPair.generate(new SecureRandom()));
    private final StockCaller c = caller(KeyPair.generate(new SecureRandom()));

    @BeforeAll
    static void start() {
        plane = TestControlPlane.start(POSTGRES.database().url(), home, Map.of());
        http = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        http.close();
        plane.close();
    }

    // --- signed requests

    @Test
    void namesTheNextNonceInTheStockForm() throws Exception {
        HttpResponse<String> answer = a.unsigned("GET", nonces(a), "");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"edge\":\"" + a.key().publicKey().hex() + "\",\"next_nonce\":0}");
        assertNonceRefused("zz", "Invalid public key");
        assertNonceRefused("00", "Invalid public key");
        assertNonceRefused("02ab", "Invalid public key length");
        assertNonceRefused(VECTORS.at("/negative/pubkey_x_ge_p").stringValue(), "Invalid public key");
        assertNonceRefused(VECTORS.at("/negative/pubkey_not_on_curve").stringValue(), "Invalid public key");
        assertNonceRefused(a.key().publicKey().base32(), "Invalid public key");
    }

    private void assertNonceRefused(String key, String message) throws Exception {
        HttpResponse<String> answer = a.unsigned("GET", "/security/nonces/" + key, "");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(StockCaller.json(answer).at("/error/message").stringValue()).isEqualTo(message);
        assertThat(StockCaller.json(answer).at("/error/code").intValue()).isEqualTo(400);
    }

    @Test
    void refusesInTheOrderAndTheWordsOfStockServers() throws Exception {
        String path = byEdge(a);
        String pk = a.key().publicKey().hex();
        String good = a.signature("", "0");

        assertRefused(a.unsigned("GET", path, ""), "SW-Public missing");
        assertRefused(send(path, "SW-Public", pk, "SW-Nonce", "0"), "SW-Sig missing");
        assertRefused(send(path, "SW-Public", pk, "SW-Sig", good), "SW-Nonce missing");
        assertRefused(a.call("GET", path, "", "zz", "x", "y"), "error parsing SW-Public: Invalid public key");
        assertRefused(a.call("GET", path, "", "0203", "x", "y"), "error parsing SW-Public: Invalid public key length");
        assertRefused(
                a.call("GET", path, "", VECTORS.at("/negative/pubkey_x_ge_p").stringValue(), "0", good),
                "error parsing SW-Public: Invalid public key");
        assertRefused(
                a.call("GET", path, "", VECTORS.at("/null_key/public_key").stringValue(), "0", good),
                "error parsing SW-Public: Invalid public key");
        assertRefused(a.call("GET", path, "", pk, "x", "y"), "error parsing SW-Sig:'y': Invalid signature");
        assertRefused(a.call("GET", path, "", pk, "x", "ab"), "error parsing SW-Sig:'ab': Invalid signature length");
        for (String malformed : List.of("x", "-1", "+1", "0x1", "1_0", "1.0", "1e3")) {
            assertRefused(a.call("GET", path, "", pk, malformed, good), "error parsing SW-Nonce: invalid syntax");
        }
        assertRefused(
                a.call("GET", path, "", pk, "18446744073709551616", good),
                "error parsing SW-Nonce: value out of range");
        assertRefused(a.call("GET", path, "", BigInteger.ONE), "SW-Nonce does not match");
        assertRefused(a.call("GET", path, "", pk, "1", good), "SW-Nonce does not match");
        assertRefused(
                b.call("GET", path, "", b.key().publicKey().hex(), "0", good),
                "Recovered pubkey does not match pubkey");
        assertThat(a.nonce()).isEqualTo(BigInteger.ZERO);
    }

    @Test
    void refusesHighSAndWildRecoveryIds() throws Exception {
        BigInteger order = new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
        String good = a.signature("", "0");
        BigInteger s = new BigInteger(good.substring(64, 128), 16);
        int recovery = Integer.parseInt(good.substring(128), 16);
        String highS = good.substring(0, 64) + String.format(Locale.ROOT, "%064x%02x", order.subtract(s), recovery ^ 1);
        String wildId = good.substring(0, 128) + String.format(Locale.ROOT, "%02x", recovery + 4);

        for (String signature : List.of(highS, wildId, "0".repeat(130))) {
            assertRefused(
                    a.call("GET", byEdge(a), "", a.key().publicKey().hex(), "0", signature),
                    "Failed to recover pubkey from signature");
        }
        assertThat(a.call("GET", byEdge(a), "").statusCode()).isEqualTo(200);
    }

    @Test
    void takesTheGoldenHeadersAndTheLargestNonce() throws Exception {
        StockCaller visorA = caller(fixture(0));
        for (String name : List.of("post_transports", "get_by_edge", "delete")) {
            JsonNode vector = VECTORS.at("/httpauth/" + name);
            JsonNode headers = vector.get("headers");
            setNonce(visorA, headers.get("SW-Nonce").stringValue());
            HttpResponse<String> answer = visorA.call(
                    vector.get("method").stringValue(),
                    vector.get("path").stringValue(),
                    vector.get("body").stringValue(),
                    headers.get("SW-Public").stringValue(),
                    headers.get("SW-Nonce").stringValue(),
                    headers.get("SW-Sig").stringValue());
            assertThat(answer.statusCode()).as(name + ": " + answer.body()).isBetween(200, 201);
        }
        BigInteger largest = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
        setNonce(visorA, largest.toString());
        assertThat(visorA.nonce()).isEqualTo(largest);
        assertThat(visorA.call("GET", byEdge(visorA), "", largest).statusCode()).isEqualTo(200);
        assertThat(visorA.nonce()).isEqualTo(largest);
        assertRefused(visorA.call("GET", byEdge(visorA), "", largest), "SW-Nonce does not match");
        assertRefused(visorA.call("GET", byEdge(visorA), "", BigInteger.ZERO), "SW-Nonce does not match");
    }

    @Test
    void aNonceIsGoodForOneRequestWhateverItsAnswer() throws Exception {
        String absent = "/transports/id:" + transport(a, b).id();

        assertThat(a.call("GET", absent, "", BigInteger.ZERO).statusCode()).isEqualTo(404);
        assertRefused(a.call("GET", absent, "", BigInteger.ZERO), "SW-Nonce does not match");
        assertRefused(a.call("DELETE", absent, "", BigInteger.ZERO), "SW-Nonce does not match");
        assertThat(a.nonce()).isEqualTo(BigInteger.ONE);
    }

    @Test
    void ofManyRequestsWithOneNonceExactlyOnePasses() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < 3; round++) {
                BigInteger nonce = BigInteger.valueOf(round);
                List<Callable<Integer>> requests = new ArrayList<>();
                for (int i = 0; i < 24; i++) {
                    requests.add(() -> a.call("GET", byEdge(a), "", nonce).statusCode());
                }
                List<Integer> statuses = new ArrayList<>();
                for (Future<Integer> answer : threads.invokeAll(requests)) {
                    statuses.add(answer.get());
                }
                assertThat(statuses).containsOnly(200, 401);
                assertThat(statuses.stream().filter(status -> status == 200)).hasSize(1);
            }
        }
    }

    @Test
    void refusesBodiesThatCouldBeReadTwoWaysOrAreTooLarge() throws Exception {
        assertThat(a.call("POST", "/transports/", "[]1", BigInteger.ZERO).statusCode())
                .isEqualTo(400);
        HttpResponse<String> large = a.call("POST", "/transports/", "[" + " ".repeat(1 << 20) + "]");
        assertThat(large.statusCode()).isEqualTo(413);
        assertThat(StockCaller.json(large).get("error").isString()).isTrue();
        assertThat(a.nonce()).isEqualTo(BigInteger.ZERO);
    }

    // --- transport discovery

    @Test
    void registersFindsAndDeletes() throws Exception {
        SignedTransport transport = transport(a, b);
        String document = "[" + document(transport, "user") + "]\n";

        HttpResponse<String> registered = b.call("POST", "/transports/", document);
        assertThat(registered.statusCode()).as(registered.body()).isEqualTo(201);
        assertThat(registered.body()).isEqualTo(document);
        assertThat(b.call("POST", "/transports/", document).statusCode()).isEqualTo(201);

        HttpResponse<String> found = c.call("GET", byId(transport), "");
        assertThat(found.statusCode()).isEqualTo(200);
        assertThat(found.body()).isEqualTo(entry(transport, "user") + "\n");
        assertThat(c.call("GET", byEdge(a), "").body()).isEqualTo("[" + entry(transport, "user") + "]\n");
        assertThat(c.call("GET", byEdge(c), "").body()).isEqualTo("null\n");
        assertThat(a.unsigned("GET", "/all-transports", "").body()).contains(entry(transport, "user"));

        HttpResponse<String> stranger = c.call("DELETE", byId(transport), "");
        assertThat(stranger.statusCode()).isEqualTo(400);
        assertThat(stranger.body()).isEqualTo("{\"error\":\"transport ID is invalid\"}\n");
        HttpResponse<String> deleted = a.call("DELETE", byId(transport), "");
        assertThat(deleted.statusCode()).isEqualTo(200);
        assertThat(deleted.body()).isEqualTo("transport deleted");
        assertThat(b.call("DELETE", byId(transport), "").statusCode()).isEqualTo(404);
        assertThat(c.call("GET", byId(transport), "").body()).isEqualTo("{\"error\":\"transport not found\"}\n");
        assertThat(a.unsigned("GET", "/all-transports", "").body())
                .doesNotContain(transport.id().toString());
        assertThat(c.call("GET", "/transports/id:not-a-uuid", "").statusCode()).isEqualTo(400);
        assertThat(c.call("GET", "/transports/edge:02", "").body())
                .isEqualTo("{\"error\":\"public key is invalid\"}\n");
    }

    @Test
    void anEdgesOwnDeleteHoldsAgainstOldSignatures() throws Exception {
        SignedTransport transport = transport(a, b);
        String document = "[" + document(transport, "user") + "]\n";
        b.call("POST", "/transports/", document);
        b.call("DELETE", byId(transport), "");
        b.call("POST", "/transports/", document);
        assertThat(c.call("GET", byId(transport), "").statusCode()).isEqualTo(200);

        a.call("DELETE", byId(transport), "");
        assertThat(b.call("POST", "/transports/", document).statusCode()).isEqualTo(201);
        assertThat(c.call("GET", byId(transport), "").statusCode()).isEqualTo(404);

        a.call("POST", "/transports/", document);
        assertThat(c.call("GET", byId(transport), "").statusCode()).isEqualTo(200);
    }

    @Test
    void refusesWhatIsNotProvedAndStoresNoneOfIt() throws Exception {
        SignedTransport good = transport(a, c);
        SignedTransport transport = transport(a, b);
        String document = document(transport, "user");
        String forged = document.replace(
                transport.higherSignature().hex(), transport.lowerSignature().hex());
        String otherId = document.replace(transport.id().toString(), "5c91c9b4-4ab0-0de8-b88a-f0e065071162");

        assertThat(c.call("POST", "/transports/", "[" + document + "]\n").statusCode())
                .isEqualTo(403);
        assertThat(a.call("POST", "/transports/", "[" + document(good, "user") + "," + forged + "]\n")
                        .statusCode())
                .isEqualTo(400);
        assertThat(a.call("GET", byId(good), "").statusCode()).isEqualTo(404);
        for (String bad : List.of(
                "[" + otherId + "]",
                "",
                "{",
                "[null]",
                "[{}]",
                "{}",
                "[{\"entry\":null}]",
                "[" + document + "] []",
                document,
                "[" + document.replace("\"stcpr\"", "\"a b\"") + "]")) {
            HttpResponse<String> answer = a.call("POST", "/transports/", bad);
            assertThat(answer.statusCode()).as(bad).isEqualTo(400);
            assertThat(StockCaller.json(answer).get("error").isString()).isTrue();
        }
        assertThat(a.call("POST", "/transports/", "null\n").body()).isEqualTo("null\n");
        assertThat(a.call("POST", "/transports/", "[]\n").statusCode()).isEqualTo(201);
    }

    @Test
    void readsNamesInAnyCaseAndUnknownMembers() throws Exception {
        SignedTransport transport = transport(a, b);
        String odd = document(transport, "automatic")
                .replace("\"entry\"", "\"Entry\"")
                .replace("\"t_id\"", "\"more\":[1],\"T_ID\"");

        assertThat(a.call("POST", "/transports/", "[" + odd + "]\n").statusCode())
                .isEqualTo(201);
        assertThat(a.call("GET", byId(transport), "").body()).isEqualTo(entry(transport, "automatic") + "\n");
    }

    @Test
    void keepsPrivateTransportsToTheirEdges() throws Exception {
        SignedTransport transport = transport(a, b);
        String hidden = document(transport, "user").replace("\"label\"", "\"public\":false,\"label\"");

        assertThat(a.call("POST", "/transports/", "[" + hidden + "]\n").statusCode())
                .isEqualTo(201);
        assertThat(b.call("GET", byId(transport), "").statusCode()).isEqualTo(200);
        assertThat(c.call("GET", byId(transport), "").statusCode()).isEqualTo(404);
        assertThat(c.call("GET", byEdge(a), "").body()).isEqualTo("null\n");
        for (StockCaller edge : List.of(a, b)) {
            assertThat(edge.call("GET", byEdge(a), "").body())
                    .contains(transport.id().toString());
        }
        assertThat(a.unsigned("GET", "/all-transports", "").body())
                .doesNotContain(transport.id().toString());
        assertThat(routes(pair(a, b), 0, 50).statusCode()).isEqualTo(404);
    }

    @Test
    void mergesTheViewsOfBothEdgesAndKeepsEachReadable() throws Exception {
        SignedTransport transport = transport(a, b);
        a.call("POST", "/transports/", "[" + document(transport, "user") + "]\n");
        boolean aIsLower = transport.entry().lower().equals(a.key().publicKey());

        HttpResponse<String> down =
                a.call("POST", "/statuses", "[{\"t_id\":\"" + transport.id() + "\",\"is_up\":false}]\n");
        assertThat(down.statusCode()).isEqualTo(200);
        JsonNode merged = StockCaller.json(down).get(0);
        assertThat(merged.get("is_up").booleanValue()).isFalse();
        assertThat(merged.get("statuses").get(aIsLower ? 0 : 1).booleanValue()).isFalse();
        assertThat(merged.get("statuses").get(aIsLower ? 1 : 0).booleanValue()).isTrue();
        assertThat(c.call("GET", byId(transport), "").statusCode()).isEqualTo(404);
        assertThat(StockCaller.json(c.call("GET", "/statuses/id:" + transport.id(), "")))
                .isEqualTo(merged);

        a.call("POST", "/statuses", "[{\"t_id\":\"" + transport.id() + "\",\"is_up\":true}]\n");
        assertThat(c.call("GET", byId(transport), "").statusCode()).isEqualTo(200);
        assertThat(c.call("POST", "/statuses", "[{\"t_id\":\"" + transport.id() + "\",\"is_up\":false}]\n")
                        .statusCode())
                .isEqualTo(403);
        assertThat(a.call("POST", "/statuses", "[{\"t_id\":\"" + transport.id() + "\"}]\n")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void listsAllWithAnETagAndHidesSelfTransports() throws Exception {
        SignedTransport loop = transport(a, a);
        SignedTransport link = transport(a, b);
        a.call("POST", "/transports/", "[" + document(loop, "user") + "," + document(link, "user") + "]\n");

        HttpResponse<String> all = a.unsigned("GET", "/all-transports", "");
        String tag = all.headers().firstValue("ETag").orElseThrow();
        assertThat(StockCaller.json(all).isArray()).isTrue();
        assertThat(all.body()).contains(loop.id().toString(), link.id().toString());
        assertThat(a.unsigned("GET", "/all-transports?selfTransports=hide", "").body())
                .contains(link.id().toString())
                .doesNotContain(loop.id().toString());
        HttpResponse<String> same = send("/all-transports", "If-None-Match", tag);
        assertThat(same.statusCode()).isEqualTo(304);
        assertThat(same.body()).isEmpty();
        a.call("DELETE", byId(link), "");
        assertThat(send("/all-transports", "If-None-Match", tag).statusCode()).isEqualTo(200);
    }

    @Test
    void saysWhichBuildRunsSinceWhen() throws Exception {
        JsonNode health = StockCaller.json(a.unsigned("GET", "/health", ""));

        assertThat(health.at("/build_info/version").isString()).isTrue();
        if (getClass().getResource("/git.properties") != null) { // built from a checkout
            assertThat(health.at("/build_info/commit").stringValue()).matches("[0-9a-f]{40}(-dirty)?");
            assertThat(Instant.parse(health.at("/build_info/date").stringValue()))
                    .isBefore(Instant.now());
        } else {
            assertThat(health.at("/build_info/commit").stringValue()).isEqualTo("unknown");
        }
        assertThat(health.get("started_at").stringValue()).endsWith("Z");
    }

    // --- routes

    @Test
    void findsRoutesBothWaysAndBackToTheSource() throws Exception {
        SignedTransport ab = transport(a, b);
        SignedTransport bc = transport(b, c);
        b.call("POST", "/transports/", "[" + document(ab, "user") + "," + document(bc, "user") + "]\n");

        HttpResponse<String> found = routes("\"" + keys(a, c) + "\",\"" + keys(c, a) + "\"", 0, 50);
        assertThat(found.statusCode()).as(found.body()).isEqualTo(200);
        assertThat(found.body())
                .isEqualTo("{\"" + keys(a, c) + "\":[[" + hop(ab, a, b) + "," + hop(bc, b, c) + "]],\"" + keys(c, a)
                        + "\":[[" + hop(bc, c, b) + "," + hop(ab, b, a) + "]]}\n");
        HttpResponse<String> ping = routes(pair(a, a), 0, 2);
        assertThat(ping.body()).isEqualTo("{\"" + keys(a, a) + "\":[[" + hop(ab, a, b) + "," + hop(ab, b, a) + "]]}\n");
    }

    @Test
    void answersNotFoundAndNeverAnEmptyList() throws Exception {
        SignedTransport ab = transport(a, b);
        a.call("POST", "/transports/", "[" + document(ab, "user") + "]\n");

        assertNoRoute(routes(pair(a, c), 0, 50), "transport not found");
        assertNoRoute(routes(pair(a, b) + "," + pair(a, c), 0, 50), "transport not found");
        assertNoRoute(routes(pair(a, b), 0, 0), "route not found");
        assertNoRoute(routes(pair(a, b), 5, 50), "no route to destination");
        assertNoRoute(routes(pair(a, a), 0, 1), "route not found");
        assertNoRoute(
                a.unsigned("POST", "/routes", "{\"Edges\":[" + pair(a, b) + "],\"Opts\":null}"), "route not found");
        assertNoRoute(
                a.unsigned(
                        "POST", "/routes", "{\"Edges\":[" + pair(a, b) + "],\"Opts\":{\"min_hops\":0,\"max_hops\":5}}"),
                "route not found");
        for (String bad : List.of(
                "",
                "[]",
                "{}",
                "{\"Edges\":[]}",
                "{\"Edges\":[[\"a\",\"b\"]]}",
                "{\"Edges\":[\"a:b\"]}",
                "{\"Edges\":[" + pair(a, b) + "],\"Opts\":{\"MaxHops\":65536}}",
                "{\"Edges\":[" + pair(a, b) + "],\"Opts\":{\"MaxHops\":\"5\"}}")) {
            HttpResponse<String> answer = a.unsigned("POST", "/routes", bad);
            assertThat(answer.statusCode()).as(bad).isEqualTo(400);
            assertThat(StockCaller.json(answer).at("/error/code").intValue()).isEqualTo(400);
        }
    }

    // --- how they are said

    private static StockCaller caller(KeyPair key) {
        return new StockCaller(http, plane.httpPort(), key);
    }

    private static KeyPair fixture(int number) {
        return KeyPair.of(SecretKey.parse(VECTORS.get("keypairs_from_upstream_test_fixtures")
                .get(number)
                .get("secret_key")
                .stringValue()));
    }

    private static SignedTransport transport(StockCaller one, StockCaller other) {
        return SignedTransport.signedByBoth(
                TransportEntry.between(one.key().publicKey(), other.key().publicKey(), new TransportType("stcpr")),
                one.key(),
                other.key());
    }

    private static String entry(SignedTransport transport, String label) {
        TransportEntry entry = transport.entry();
        return "{\"t_id\":\"" + entry.id() + "\",\"edges\":[\"" + entry.lower().hex() + "\",\""
                + entry.higher().hex() + "\"],\"type\":\"stcpr\",\"label\":\"" + label + "\"}";
    }

    private static String document(SignedTransport transport, String label) {
        return "{\"entry\":" + entry(transport, label) + ",\"signatures\":[\""
                + transport.lowerSignature().hex() + "\",\""
                + transport.higherSignature().hex() + "\"]}";
    }

    private static String byEdge(StockCaller caller) {
        return "/transports/edge:" + caller.key().publicKey().hex();
    }

    private static String byId(SignedTransport transport) {
        return "/transports/id:" + transport.id();
    }

    private static String nonces(StockCaller caller) {
        return "/security/nonces/" + caller.key().publicKey().hex();
    }

    private static String keys(StockCaller from, StockCaller to) {
        return from.key().publicKey().hex() + ":" + to.key().publicKey().hex();
    }

    private static String pair(StockCaller from, StockCaller to) {
        return "\"" + keys(from, to) + "\"";
    }

    private static String hop(SignedTransport transport, StockCaller from, StockCaller to) {
        TransportId id = transport.id();
        return "{\"TpID\":\"" + id + "\",\"From\":\"" + from.key().publicKey().hex() + "\",\"To\":\""
                + to.key().publicKey().hex() + "\"}";
    }

    private HttpResponse<String> routes(String pairs, int min, int max) throws Exception {
        return a.unsigned(
                "POST",
                "/routes",
                "{\"Edges\":[" + pairs + "],\"Opts\":{\"MinHops\":" + min + ",\"MaxHops\":" + max + "}}\n");
    }

    private HttpResponse<String> send(String path, String... headers) throws Exception {
        return a.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + plane.httpPort() + path))
                .headers(headers));
    }

    private static void assertNoRoute(HttpResponse<String> answer, String message) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(404);
        assertThat(StockCaller.json(answer).at("/error/message").stringValue()).isEqualTo(message);
        assertThat(StockCaller.json(answer).at("/error/code").intValue()).isEqualTo(404);
    }

    private static void assertRefused(HttpResponse<String> answer, String message) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
        assertThat(answer.body()).endsWith("\n");
        assertThat(StockCaller.json(answer).at("/error/message").stringValue()).isEqualTo(message);
        assertThat(StockCaller.json(answer).at("/error/code").intValue()).isEqualTo(401);
    }

    private static void setNonce(StockCaller caller, String nonce) throws Exception {
        try (Connection connection =
                        DriverManager.getConnection(POSTGRES.database().url());
                Statement statement = connection.createStatement()) {
            String key = caller.key().publicKey().hex();
            statement.execute("DELETE FROM request_nonces WHERE public_key = '\\x" + key + "'");
            if (!nonce.equals("0")) {
                statement.execute("INSERT INTO request_nonces VALUES ('\\x" + key + "', " + nonce + ", now())");
            }
        }
    }
}
