package io.skywire.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.platform.ProblemType;
import io.skywire.control.testing.ApiDescription;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.StockCaller;
import io.skywire.control.testing.TestControlPlane;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/// Everything that can go wrong under `/api/v1` is a problem as RFC 9457 and our description have it.
@ExtendWith(OutputCaptureExtension.class)
final class ApiProblemsIT {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @TempDir
    static Path home;

    private static TestControlPlane plane;
    private static HttpClient http;
    private static ApiDescription description;

    @BeforeAll
    static void start() {
        plane = TestControlPlane.start(
                POSTGRES.database().url(),
                home,
                Map.of(
                        "skywire.http.max-api-body", "1KB",
                        "logging.config", "classpath:log-lines.xml",
                        "spring.datasource.hikari.connection-init-sql", "SET statement_timeout = '5s'"),
                Fragile.class);
        http = HttpClient.newHttpClient();
        description = ApiDescription.read();
    }

    @AfterAll
    static void stop() {
        http.close();
        plane.close();
    }

    /// Our own API has nothing yet that reads a body or that fails by itself.
    @RestController
    static class Fragile {
        record Order(String name, int count) {}

        @PostMapping(value = "/api/v1/fragile", consumes = "application/json")
        String take(@RequestBody Order order) {
            return order.name();
        }

        @GetMapping("/api/v1/fragile/bug")
        String bug() {
            throw new IllegalStateException("secret inside");
        }
    }

    @Test
    void whatDoesNotExist() throws Exception {
        assertProblem(get("/api/v1/nothing"), ProblemType.NOT_FOUND, "/api/v1/nothing");
        String uid = "/api/v1/routes/5c91c9b4-4ab0-4de8-b88a-f0e065071162";
        JsonNode problem = assertProblem(get(uid), ProblemType.NOT_FOUND, uid);
        assertThat(problem.get("detail").stringValue()).contains("5c91c9b4-4ab0-4de8-b88a-f0e065071162");
        assertProblem(get("/api"), ProblemType.NOT_FOUND, "/api");
        assertProblem(get("/api/v2/routes"), ProblemType.NOT_FOUND, "/api/v2/routes");
    }

    @Test
    void whatCannotBe() throws Exception {
        assertProblem(get("/api/v1/routes?state=nonsense"), ProblemType.BAD_REQUEST, "/api/v1/routes");
        assertProblem(get("/api/v1/routes?limit=x"), ProblemType.BAD_REQUEST, "/api/v1/routes");
        assertProblem(get("/api/v1/routes/no-uid"), ProblemType.BAD_REQUEST, "/api/v1/routes/no-uid");
        for (String body : List.of("", "{", "[]", "{\"name\":1e,", "{\"count\":\"x\"}")) {
            assertProblem(post(body, "application/json"), ProblemType.BAD_REQUEST, "/api/v1/fragile");
        }
    }

    @Test
    void aMethodThatIsNotThere() throws Exception {
        HttpResponse<String> answer = send(request("/api/v1/routes").DELETE());

        assertProblem(answer, ProblemType.METHOD_NOT_ALLOWED, "/api/v1/routes");
        assertThat(answer.headers().firstValue("Allow").orElseThrow()).contains("GET");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/xml", "text/html", "image/png;q=0.5, text/css"})
    void aFormThatIsNotThere(String accept) throws Exception {
        for (String path : List.of("/api/v1/routes", "/api/v1/openapi.yaml")) {
            assertProblem(send(request(path).header("Accept", accept)), ProblemType.NOT_ACCEPTABLE, path);
        }
        assertProblem(
                send(request("/api/v1/nothing").header("Accept", accept)), ProblemType.NOT_FOUND, "/api/v1/nothing");
    }

    @Test
    void aFormThatIsNotRead() throws Exception {
        assertProblem(post("<a/>", "application/xml"), ProblemType.UNSUPPORTED_MEDIA_TYPE, "/api/v1/fragile");
        assertProblem(
                post("name=a&count=1", "application/x-www-form-urlencoded"),
                ProblemType.UNSUPPORTED_MEDIA_TYPE,
                "/api/v1/fragile");
        assertThat(post("{\"name\":\"a\",\"count\":1}", "application/json").body())
                .isEqualTo("a");
    }

    @Test
    void tooMuchOfIt() throws Exception {
        String large = "{\"name\":\"" + "a".repeat(300_000) + "\"}";
        assertProblem(post(large, "application/json"), ProblemType.BODY_TOO_LARGE, "/api/v1/fragile");
        HttpRequest.BodyPublisher chunked =
                HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofString(large));
        HttpResponse<String> answer = send(request("/api/v1/fragile")
                .header("Content-Type", "application/json")
                .POST(chunked));
        JsonNode problem = assertProblem(answer, ProblemType.BODY_TOO_LARGE, "/api/v1/fragile");
        assertThat(problem.get("detail").stringValue()).isEqualTo("the body is larger than 1024 bytes");
    }

    @Test
    void aBugOfOursSaysNothingOfTheInsideAndIsFoundInTheLogByItsId(CapturedOutput output) throws Exception {
        HttpResponse<String> answer = send(request("/api/v1/fragile/bug").header("X-Request-Id", "asked-by-staff-1"));

        JsonNode problem = assertProblem(answer, ProblemType.INTERNAL_ERROR, "/api/v1/fragile/bug");
        assertThat(problem.get("requestId").stringValue()).isEqualTo("asked-by-staff-1");
        assertThat(answer.body()).doesNotContain("secret", "Exception");
        assertThat(output.getAll().lines().filter(line -> line.contains("request failed unexpectedly")))
                .singleElement()
                .asString()
                .contains("request_id=\"asked-by-staff-1\"", "secret inside");
    }

    @Test
    void aStatementThatIsTooSlowIsAnOutageAndTheNextRequestIsServed() throws Exception {
        try (Connection blocking =
                        DriverManager.getConnection(POSTGRES.database().url());
                Statement statement = blocking.createStatement()) {
            blocking.setAutoCommit(false);
            statement.execute("LOCK TABLE routes IN ACCESS EXCLUSIVE MODE");

            HttpResponse<String> answer = get("/api/v1/routes");

            assertProblem(answer, ProblemType.UNAVAILABLE, "/api/v1/routes");
            assertThat(answer.headers().firstValueAsLong("Retry-After").orElseThrow())
                    .isPositive();
            blocking.rollback();
        }
        assertThat(get("/api/v1/routes").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/v1/routes?x={ HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /api/v1/%zz HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /api/v1/routes HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                "GET /api/v1/routes HTTP/1.1\r\n\r\n",
                "GET /api/v1/routes HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
                "GET /api/v1/routes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: nonsense\r\n\r\n",
                "G<T /api/v1/routes HTTP/1.1\r\nHost: x\r\n\r\n"
            })
    void whatIsNoHttp(String bytes) throws Exception {
        assertRawProblem(raw(bytes));
    }

    @Test
    void aHeadThatIsTooLong() throws Exception {
        assertRawProblem(raw("GET /api/v1/routes HTTP/1.1\r\nHost: x\r\nX-Long: " + "a".repeat(20_000) + "\r\n\r\n"));
        assertRawProblem(raw("GET /api/v1/" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"));
    }

    @Test
    void stockPathsHaveTheMembersThatStockClientsReadBesideTheProblem() throws Exception {
        JsonNode text = StockCaller.json(send(request("/uptimes").DELETE()));
        assertThat(text.get("error").isString()).isTrue();
        assertThat(text.get("type").stringValue()).isEqualTo("/errors/method-not-allowed");
        JsonNode object = StockCaller.json(send(request("/routes").GET()));
        assertThat(object.at("/error/code").intValue()).isEqualTo(405);
        JsonNode messaging =
                StockCaller.json(send(request("/dmsg-discovery/entries").DELETE()));
        assertThat(messaging.get("code").intValue()).isEqualTo(405);
        assertThat(messaging.get("message").isString()).isTrue();
    }

    @Test
    void aTypeResolves() throws Exception {
        for (ProblemType type : ProblemType.values()) {
            HttpResponse<String> entry = get(type.uri().toString());
            assertThat(entry.statusCode()).isEqualTo(200);
            assertThat(StockCaller.json(entry).get("remedy").stringValue()).isEqualTo(type.remedy());
        }
        assertThat(StockCaller.json(get("/errors")).size()).isEqualTo(ProblemType.values().length);
        assertProblem(get("/errors/nonsense"), ProblemType.NOT_FOUND, "/errors/nonsense");
    }

    @Test
    void anIdThatIsNotWellFormedIsReplaced() throws Exception {
        HttpResponse<String> kept = send(request("/api/v1/routes").header("X-Request-Id", "a.b-c_1"));
        HttpResponse<String> replaced = send(request("/api/v1/routes").header("X-Request-Id", "a b\"<script>"));

        assertThat(kept.headers().firstValue("X-Request-Id")).contains("a.b-c_1");
        assertThat(replaced.headers().firstValue("X-Request-Id").orElseThrow()).matches("[0-9a-f-]{36}");
    }

    private static JsonNode assertProblem(HttpResponse<String> answer, ProblemType type, String instance) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(type.status());
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        JsonNode problem = StockCaller.json(answer);
        assertThat(description.violations("Problem", answer.body())).isEmpty();
        assertThat(problem.get("type").stringValue()).isEqualTo(type.uri().toString());
        assertThat(problem.get("title").stringValue()).isEqualTo(type.title());
        assertThat(problem.get("status").intValue()).isEqualTo(answer.statusCode());
        assertThat(problem.get("instance").stringValue()).isEqualTo(instance);
        assertThat(answer.headers().firstValue("X-Request-Id"))
                .contains(problem.get("requestId").stringValue());
        return problem;
    }

    private static void assertRawProblem(String answer) {
        assertThat(answer).startsWith("HTTP/1.1 ").contains("application/problem+json");
        int status = Integer.parseInt(answer.substring(9, 12));
        assertThat(status).isIn(400, 501, 505);
        String body = answer.substring(answer.indexOf('{'), answer.lastIndexOf('}') + 1);
        assertThat(description.violations("Problem", body)).isEmpty();
        assertThat(body).contains("\"status\":" + status).contains("/errors/bad-request");
    }

    private static String raw(String bytes) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", plane.httpPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return send(request(path).GET());
    }

    private static HttpResponse<String> post(String body, String type) throws Exception {
        return send(request("/api/v1/fragile")
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + plane.httpPort() + path))
                .timeout(Duration.ofSeconds(20));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
