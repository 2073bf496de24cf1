package io.skywire.node.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.skywire.shared.key.KeyPair;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class ApiServerTest {
    private static final Duration WITHIN = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    private Path socket;
    private FakeNode node;
    private ApiServer server;
    private ApiClient client;

    @BeforeEach
    void serve() throws Exception {
        socket = directory.resolve("api.sock");
        node = new FakeNode(socket, 21);
        server = ApiServer.start(socket, node);
        client = new ApiClient(socket);
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    /// Sends bytes as they are and reads until the server closes.
    private String raw(byte[] request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            ByteBuffer bytes = ByteBuffer.wrap(request);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String raw(String request) throws IOException {
        return raw(request.getBytes(StandardCharsets.UTF_8));
    }

    private String post(String path, String body) throws IOException {
        return raw("POST " + path + " HTTP/1.1\r\nHost: node\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body);
    }

    private Refusal refusalOf(String path, Object body) {
        return catchThrowableOfType(ApiException.Refused.class, () -> client.post(path, body, WITHIN))
                .refusal();
    }

    @Test
    void tellsItsStatus() throws Exception {
        JsonNode status = client.get("/v1/status");

        assertThat(status.path("node").asString()).isEqualTo(node.self.hex());
        assertThat(status.path("name").asString()).isEqualTo(node.self.base32() + ".sky");
        assertThat(status.path("uptime_ms").longValue()).isEqualTo(3_700_000);
        assertThat(status.at("/control_plane/applied_revision_age_ms").longValue())
                .isEqualTo(3500);
        assertThat(status.at("/control_plane/last_error").isNull()).isTrue();
        assertThat(status.at("/links/1/state").asString()).isEqualTo("waiting");
        assertThat(status.at("/links/1/last_failure").asString()).isEqualTo("unreachable: connection refused");
        assertThat(ApiJson.MAPPER.treeToValue(status, StatusView.class)).isEqualTo(node.status());
    }

    @Test
    void listsReadBackAsTheyWere() throws Exception {
        client.post("/v1/dial", Map.of("peer", node.peer.hex()), WITHIN);
        client.post("/v1/publish", Map.of("port", 80, "target", "127.0.0.1:8080"), WITHIN);

        assertThat(list("transports", TransportView.class)).isEqualTo(node.transports());
        assertThat(list("routes", RouteView.class)).isEqualTo(node.routes());
        assertThat(list("rules", RuleView.class)).isEqualTo(node.rules());
        assertThat(list("sessions", SessionView.class))
                .isEqualTo(node.sessions())
                .hasSize(1);
        assertThat(list("published", PublishedView.class))
                .isEqualTo(node.published())
                .hasSize(1);
    }

    private <T> List<T> list(String view, Class<T> type) throws Exception {
        return ApiJson.MAPPER.readerForListOf(type).readValue(client.get("/v1/" + view));
    }

    @Test
    void aRelayRuleHoldsNoKeyAndNoRoute() throws Exception {
        JsonNode relay = client.get("/v1/rules").get(1);

        assertThat(relay.propertyNames())
                .containsExactly(
                        "kind",
                        "ingress",
                        "ingress_id",
                        "egress",
                        "egress_id",
                        "idle_timeout_ms",
                        "idle_ms",
                        "packets",
                        "bytes");
        assertThat(relay.path("ingress_id").longValue()).isEqualTo(4_294_967_295L);
    }

    @Test
    void dialsByAnyRouteOrByTheOneThatIsNamed() throws Exception {
        JsonNode answer = client.post("/v1/dial", Map.of("peer", node.peer.base32()), WITHIN);
        client.post(
                "/v1/dial", Map.of("peer", node.peer.hex(), "min_hops", 2, "max_hops", 5, "deadline_ms", 1500), WITHIN);
        client.post("/v1/dial", Map.of("peer", node.peer.hex(), "via", List.of(node.neighbour.hex())), WITHIN);

        assertThat(answer.path("hops").intValue()).isEqualTo(4);
        assertThat(answer.at("/phases/1/took_ms").intValue()).isEqualTo(41);
        assertThat(node.dials())
                .containsExactly(
                        new DialRequest(node.peer, new DialRequest.Path.Any(0, 0), Duration.ofSeconds(20)),
                        new DialRequest(node.peer, new DialRequest.Path.Any(2, 5), Duration.ofMillis(1500)),
                        new DialRequest(
                                node.peer, new DialRequest.Path.Via(List.of(node.neighbour)), Duration.ofSeconds(20)));
    }

    @Test
    void tellsApartWhyADialFailed() {
        String stranger = KeyPair.generate(new Random(99)).publicKey().hex();

        assertThat(refusalOf("/v1/dial", Map.of("peer", stranger)).code()).isEqualTo(ProblemCode.NO_SUCH_NODE);
        assertThat(refusalOf("/v1/dial", Map.of("peer", node.island.hex())).line())
                .startsWith("no route: nothing leads");
        assertThat(refusalOf("/v1/dial", Map.of("peer", node.behindFullTable.hex()))
                        .line())
                .isEqualTo("refused by hop 2: table full");
    }

    @Test
    void aProblemIsRfc9457() throws Exception {
        String answer = post("/v1/dial", "{\"peer\":\"" + node.behindFullTable.hex() + "\"}");

        assertThat(answer).startsWith("HTTP/1.1 409 ").contains("content-type: application/problem+json");
        assertThat(ApiJson.MAPPER.readTree(answer.substring(answer.indexOf("\r\n\r\n") + 4)))
                .isEqualTo(ApiJson.MAPPER.readTree("""
                        {"type": "urn:skywire:problem:refused", "title": "refused", "status": 409,
                         "detail": "table full", "code": "refused", "hop": 2}"""));
    }

    @Test
    void hangsUp() throws Exception {
        client.post("/v1/dial", Map.of("peer", node.peer.hex()), WITHIN);

        client.post("/v1/hangup", Map.of("peer", node.peer.hex()), WITHIN);

        assertThat(node.sessions()).isEmpty();
        assertThat(refusalOf("/v1/hangup", Map.of("peer", node.peer.hex())).code())
                .isEqualTo(ProblemCode.NO_SESSION);
    }

    @Test
    void publishesForUdpAndWithdraws() throws Exception {
        client.post("/v1/publish", Map.of("port", 53, "protocol", "udp", "target", "127.0.0.1:53"), WITHIN);
        assertThat(node.published().getFirst().protocol()).isEqualTo(PublishedView.Protocol.UDP);

        assertThat(catchThrowableOfType(ApiException.Refused.class, () -> client.delete("/v1/publish/53"))
                        .refusal()
                        .code())
                .isEqualTo(ProblemCode.NOT_PUBLISHED);
        client.delete("/v1/publish/udp/53");
        assertThat(node.published()).isEmpty();
    }

    @Test
    void publishesAndWithdraws() throws Exception {
        Map<String, Object> offer = Map.of("port", 80, "target", "127.0.0.1:8080", "allow", List.of(node.peer.hex()));

        client.post("/v1/publish", offer, WITHIN);
        assertThat(node.published().getFirst().allow()).contains(List.of(node.peer));
        assertThat(refusalOf("/v1/publish", offer).code()).isEqualTo(ProblemCode.PORT_TAKEN);

        client.delete("/v1/publish/80");
        assertThat(node.published()).isEmpty();
        assertThat(catchThrowableOfType(ApiException.Refused.class, () -> client.delete("/v1/publish/80"))
                        .refusal()
                        .code())
                .isEqualTo(ProblemCode.NOT_PUBLISHED);
    }

    @Test
    void tracesEndToEnd() throws Exception {
        JsonNode trace = client.post("/v1/trace", Map.of("peer", node.peer.hex(), "count", 3), WITHIN);

        assertThat(trace.path("round_trips_ms").toString()).isEqualTo("[1.25,null,3.25]");
        assertThat(trace.path("attempts").intValue()).isEqualTo(2);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            /v1/dial    | {                                   | the body is not JSON
            /v1/dial    | {"peer":"x"} x                      | the body is not JSON
            /v1/dial    | []                                  | the body is one JSON object
            /v1/dial    | {}                                  | peer: missing; a public key in 66 hex digits
            /v1/dial    | {"peer":7}                          | peer: expected a public key
            /v1/dial    | {"peer":"abc"}                      | peer: a public key has 66 hex digits
            /v1/dial    | {"peer":"P","peer":"P"}             | the body is not JSON
            /v1/dial    | {"peer":"P","hops":3}               | hops: unknown key; known here: deadline_ms, max_hops, min_hops
            /v1/dial    | {"peer":"P","min_hops":0}           | min_hops: expected a whole number between 1 and 64
            /v1/dial    | {"peer":"P","min_hops":2.5}         | min_hops: expected a whole number between 1 and 64
            /v1/dial    | {"peer":"P","min_hops":5,"max_hops":4} | min_hops: expected at most max_hops, which is 4
            /v1/dial    | {"peer":"P","via":["P"],"max_hops":4} | via: names the whole path; leave min_hops and max_hops out
            /v1/dial    | {"peer":"P","via":"P"}              | via: expected a list of public keys
            /v1/dial    | {"peer":"P","via":["P","x"]}        | via[1]: a public key has 66 hex digits
            /v1/dial    | {"peer":"P","deadline_ms":999999999999} | deadline_ms: expected a whole number between 1 and 120000
            /v1/hangup  | {"peer":"P","force":true}           | force: unknown key; known here: peer
            /v1/publish | {"target":"127.0.0.1:1"}            | port: missing
            /v1/publish | {"port":65536,"target":"h:1"}       | port: expected a whole number between 1 and 65535
            /v1/publish | {"port":80,"target":1}              | target: expected host:port
            /v1/publish | {"port":80,"target":"h:1","protocol":"sctp"} | protocol: expected tcp or udp
            /v1/publish | {"port":80,"target":"h:1","allow":[]} | allow: nobody could connect
            /v1/trace   | {"peer":"P","count":101}            | count: expected a whole number between 1 and 100
            """)
    void saysWhatIsWrongWithABodyAndDoesNothing(String path, String body, String expected) throws Exception {
        String answer = post(path, body.replace("\"P\"", "\"" + node.peer.hex() + "\""));

        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("\"code\":\"malformed\"");
        assertThat(ApiJson.MAPPER
                        .readTree(answer.substring(answer.indexOf("\r\n\r\n") + 4))
                        .path("detail")
                        .asString())
                .startsWith(expected);
        assertThat(node.dials()).isEmpty();
        assertThat(node.published()).isEmpty();
    }

    @Test
    void takesABodyAtTheCapAndRefusesOneByteMore() throws Exception {
        String json = "{\"peer\":\"" + node.peer.hex() + "\"}";

        assertThat(post("/v1/dial", json + " ".repeat(BoundedBody.LARGEST - json.length())))
                .startsWith("HTTP/1.1 200 ");
        assertThat(catchThrowableOfType(
                                ApiException.Refused.class,
                                () -> client.post("/v1/dial", "x".repeat(BoundedBody.LARGEST - 1), WITHIN))
                        .refusal()
                        .code())
                .isEqualTo(ProblemCode.TOO_LARGE);
        assertThat(node.dials()).hasSize(1);
    }

    @Test
    void refusesAnEndlessBodyAtTheCap() throws Exception {
        String chunk = "8000\r\n" + "x".repeat(0x8000) + "\r\n";

        String answer = raw("POST /v1/dial HTTP/1.1\r\nHost: node\r\nTransfer-Encoding: chunked\r\n\r\n"
                + chunk.repeat(4) + "0\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 413 ").contains("\"code\":\"too_large\"");
    }

    @Test
    void namesUnknownPathsAndMethods() throws Exception {
        assertThat(raw("GET /v2/status HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 404 ")
                .contains("not_found");
        assertThat(raw("GET /v1/publish/80/x HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 404 ");
        assertThat(raw("DELETE /v1/publish/ HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 404 ");
        assertThat(raw("DELETE /v1/publish/http HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(raw("POST /v1/status HTTP/1.1\r\nContent-Length: 0\r\n\r\n"))
                .startsWith("HTTP/1.1 405 ")
                .contains("/v1/status takes GET");
        assertThat(raw("nonsense\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GET /v1/st",
                "GET /v1/status HTTP/1.1\r\nHost: no",
                "POST /v1/dial HTTP/1.1\r\nContent-Length: 100\r\n\r\n{\"peer\"",
                "POST /v1/dial HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"p",
            })
    void aRequestThatIsCutShortIsAtMostOneDebugLine(String request) throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger("io");
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        Logger api = (Logger) LoggerFactory.getLogger("io.skywire.node.api");
        api.setLevel(Level.DEBUG);
        try {
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            }
            // The server has one thread: when this is answered, the connection before it has ended.
            assertThat(client.get("/v1/published")).isEmpty();
            server.close();
        } finally {
            api.setLevel(null);
            logger.detachAppender(log);
        }

        assertThat(log.list)
                .hasSizeLessThanOrEqualTo(1)
                .allMatch(event -> event.getLevel() == Level.DEBUG && event.getThrowableProxy() == null);
    }

    @Test
    void aBugIsToldWithoutItsInsides() throws Exception {
        String answer = post("/v1/dial", "{\"peer\":\"" + node.bug.hex() + "\"}");

        assertThat(answer)
                .startsWith("HTTP/1.1 500 ")
                .contains("\"code\":\"internal\"")
                .doesNotContain("a bug");
    }

    @Test
    void givesUpOnANodeThatNeverAnswers() throws Exception {
        String answer = post("/v1/dial", "{\"peer\":\"" + node.blackHole.hex() + "\",\"deadline_ms\":1}");

        assertThat(answer).startsWith("HTTP/1.1 504 ").contains("\"code\":\"deadline\"");
    }

    @Test
    void theClientGivesUpInTime() {
        assertThatThrownBy(() -> client.post("/v1/dial", Map.of("peer", node.blackHole.hex()), Duration.ofMillis(200)))
                .isInstanceOf(ApiException.NoAnswer.class)
                .hasMessageContaining("did not answer within");
    }

    @Test
    void onlyTheOwnerMayOpenTheSocket() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
    }

    @Test
    void aSecondServerIsToldThatOneRuns() throws Exception {
        assertThatThrownBy(() -> ApiServer.start(socket, node))
                .isInstanceOf(ApiStartException.class)
                .hasMessage("already running (pid " + ProcessHandle.current().pid() + "): a node holds " + socket
                        + "; stop it first");

        assertThat(client.get("/v1/published")).isEmpty();
    }

    @Test
    void leavesASocketAloneThatAnotherProgramAnswers() throws Exception {
        Path taken = directory.resolve("taken.sock");
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(taken));

            assertThatThrownBy(() -> ApiServer.start(taken, node))
                    .hasMessageStartingWith("a program that is no node answers at " + taken);
        }
    }

    @Test
    void replacesWhatADeadProcessLeft() throws Exception {
        Path stale = directory.resolve("stale.sock");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(stale));
        }
        assertThat(stale).exists();

        try (ApiServer second = ApiServer.start(stale, node);
                ApiClient asking = new ApiClient(stale)) {
            assertThat(asking.get("/v1/transports")).hasSize(1);
        }
        assertThat(stale).doesNotExist();
    }

    @Test
    void neverRemovesAFileThatIsNoSocket() throws Exception {
        Path file = directory.resolve("file.sock");
        Files.writeString(file, "precious");

        assertThatThrownBy(() -> ApiServer.start(file, node)).hasMessageContaining("is no socket and is left alone");
        assertThat(Files.readString(file)).isEqualTo("precious");
    }

    @Test
    void leavesNoSocketBehindAndCanStartAgain() throws Exception {
        server.close();
        assertThat(socket).doesNotExist();
        assertThatThrownBy(() -> client.get("/v1/status")).isInstanceOf(ApiException.NotRunning.class);

        server = ApiServer.start(socket, node);
        assertThat(client.get("/v1/status").path("node").asString()).isEqualTo(node.self.hex());
    }
}
