package io.skywire.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.StockCaller;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/// Ten thousand requests that nobody should send. The seed is in every message; the same seed sends the same requests.
final class MalformedRequestsIT {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private static final int REQUESTS = 10_000;
    private static final long SEED = 20_261_122;
    private static final List<KeyPair> KEYS = TestKeys.pairs(3, SEED);
    private static final String[] SCRAPS = {
        "null",
        "[]",
        "{}",
        "[[",
        "]",
        "{\"",
        "\\u0000",
        "\\ud800",
        "\"",
        "1e999999",
        "-1",
        "99999999999999999999",
        "true",
        "\u0000",
        "\u00ff",
        "\ud83d\ude00",
        ",",
        ":",
        "0".repeat(66),
        "f".repeat(130),
        "[".repeat(2000),
        "%00",
        "..",
        "/",
        "%2e%2e",
        ";a=b",
        "?",
        "&",
        "=",
        "%zz",
        "'",
        "' OR 1=1 --"
    };

    @TempDir
    Path home;

    private final Random random = new Random(SEED);
    private BigInteger nonce = BigInteger.ONE;

    @Test
    void leaveNoErrorNoLeakAndAnUnchangedDatabase() throws Exception {
        try (TestControlPlane plane = TestControlPlane.start(POSTGRES.database().url(), home, Map.of());
                HttpClient http = HttpClient.newHttpClient()) {
            StockCaller caller = new StockCaller(http, plane.httpPort(), KEYS.get(0));
            caller.call("POST", "/transports/", "[" + document(KEYS.get(0), KEYS.get(1)) + "]\n");
            JdbcTemplate jdbc = plane.room(JdbcTemplate.class);
            List<Map<String, Object>> before = rows(jdbc);
            Map<Integer, Integer> statuses = new TreeMap<>();

            for (int i = 0; i < REQUESTS; i++) {
                int status = i % 20 == 0 ? raw(plane.httpPort()) : request(caller);
                assertThat(status)
                        .as("request " + i + " of seed " + SEED)
                        .satisfiesAnyOf(
                                one -> assertThat(one).isLessThan(500),
                                // The server's word on a request line or a transfer coding that is not HTTP/1.1.
                                one -> assertThat(one).isIn(501, 505));
                statuses.merge(status, 1, Integer::sum);
            }

            System.out.println("malformed requests of seed " + SEED + " by status: " + statuses);
            assertThat(statuses).containsKeys(400, 401, 404);
            assertThat(rows(jdbc)).isEqualTo(before);
            HikariDataSource pool = plane.room(HikariDataSource.class);
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
            assertThat(caller.call(
                                    "GET",
                                    "/transports/edge:"
                                            + KEYS.get(0).publicKey().hex(),
                                    "")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    private int request(StockCaller caller) throws IOException, InterruptedException {
        String method = List.of("GET", "POST", "DELETE", "PUT", "PATCH", "HEAD").get(random.nextInt(6));
        return switch (random.nextInt(6)) {
            case 0 -> status(caller.unsigned("POST", "/routes", mutated(question())));
            case 1 -> signed(caller, "POST", "/transports/", mutated(unproven()));
            case 2 ->
                signed(
                        caller,
                        "POST",
                        "/statuses",
                        mutated("[{\"t_id\":\"5c91c9b4-4ab0-0de8-b88a-f0e065071162\",\"is_up\":false}]\n"));
            case 3 -> signed(caller, method, path(), random.nextBoolean() ? "" : mutated(unproven()));
            case 4 ->
                status(caller.call(
                        method,
                        path(),
                        "",
                        printable(mutated(KEYS.get(2).publicKey().hex())),
                        printable(mutated("17")),
                        printable(mutated(caller.signature("", "17")))));
            default -> status(caller.unsigned(method, path(), mutated(question())));
        };
    }

    /// With the nonce that is probably the next one: some are refused before it is taken.
    private int signed(StockCaller caller, String method, String path, String body)
            throws IOException, InterruptedException {
        int status = caller.call(method, path, body, nonce).statusCode();
        nonce = status == 401 ? caller.nonce() : nonce.add(BigInteger.ONE);
        return status;
    }

    private static int status(HttpResponse<String> answer) {
        return answer.statusCode();
    }

    private String path() {
        String good = List.of(
                        "/transports/",
                        "/transports/id:5c91c9b4-4ab0-0de8-b88a-f0e065071162",
                        "/transports/edge:" + KEYS.get(2).publicKey().hex(),
                        "/security/nonces/" + KEYS.get(2).publicKey().hex(),
                        "/statuses/id:5c91c9b4-4ab0-0de8-b88a-f0e065071162",
                        "/all-transports?selfTransports=hide",
                        "/routes",
                        "/health")
                .get(random.nextInt(8));
        return random.nextBoolean()
                ? good
                : "/" + mutated(good.substring(1)).replaceAll("[^A-Za-z0-9:/?&=.;~-]", "%41");
    }

    private String mutated(String good) {
        StringBuilder text = new StringBuilder(good);
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(text.length() + 1);
            switch (random.nextInt(4)) {
                case 0 -> text.insert(at, SCRAPS[random.nextInt(SCRAPS.length)]);
                case 1 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(40)));
                case 2 -> text.setLength(at);
                default -> {
                    if (at < text.length()) {
                        text.setCharAt(at, (char) (32 + random.nextInt(95)));
                    }
                }
            }
        }
        return text.toString();
    }

    private static String printable(String text) {
        String clean = text.replaceAll("[^\\x21-\\x7e]", "");
        return clean.length() > 3000 ? clean.substring(0, 3000) : clean;
    }

    /// Bytes that may not even be HTTP. 0 if the server only hung up.
    private int raw(int port) throws IOException {
        StringBuilder request = new StringBuilder(mutated("POST /transports/ HTTP/1.1\r\nHost: x\r\nSW-Public: "
                + KEYS.get(2).publicKey().hex() + "\r\nSW-Nonce: 0\r\nSW-Sig: 00\r\nContent-Length: 2\r\n\r\n[]"));
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(15_000);
            socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            InputStream in = socket.getInputStream();
            String line = new String(in.readNBytes(12), StandardCharsets.ISO_8859_1);
            return line.matches("HTTP/1\\.1 \\d\\d\\d") ? Integer.parseInt(line.substring(9)) : 0;
        } catch (java.net.SocketException hungUp) {
            return 0;
        }
    }

    /// A registration whose second signature is not its edge's, so that no mutation of it can become a good one.
    private static String unproven() {
        String first = document(KEYS.get(0), KEYS.get(1));
        int signature = first.lastIndexOf("\",\"") + 3;
        return "[" + first.substring(0, signature) + "0".repeat(20) + first.substring(signature + 20) + "]\n";
    }

    private static String question() {
        String one = KEYS.get(0).publicKey().hex();
        String other = KEYS.get(1).publicKey().hex();
        return "{\"Edges\":[\"" + one + ":" + other + "\",\"" + other + ":" + one
                + "\"],\"Opts\":{\"MinHops\":0,\"MaxHops\":50}}\n";
    }

    private static String document(KeyPair one, KeyPair other) {
        SignedTransport signed = SignedTransport.signedByBoth(
                TransportEntry.between(one.publicKey(), other.publicKey(), new TransportType("stcpr")), one, other);
        TransportEntry entry = signed.entry();
        return "{\"entry\":{\"t_id\":\"" + entry.id() + "\",\"edges\":[\""
                + entry.lower().hex() + "\",\""
                + entry.higher().hex() + "\"],\"type\":\"stcpr\",\"label\":\"user\"},\"signatures\":[\""
                + signed.lowerSignature().hex() + "\",\""
                + signed.higherSignature().hex() + "\"]}";
    }

    private static List<Map<String, Object>> rows(JdbcTemplate jdbc) {
        return jdbc.queryForList("SELECT t::text AS one FROM transports t UNION ALL SELECT v::text"
                + " FROM (SELECT transport_id, edge, state, max_payload, stock FROM transport_views) v ORDER BY 1");
    }
}
