package io.skywire.control.directory;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.testing.FakeClock;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.StockCaller;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.node.NodeAddress;
import io.skywire.shared.node.NodeFacts;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/// The node directory over HTTP, with nodes that speak through its face.
final class NodesApiIT {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @TempDir
    static Path keys;

    private static final List<PublicKey> NODES =
            TestKeys.pairs(7, 92).stream().map(KeyPair::publicKey).sorted().toList();
    private static final NodeFacts HERE =
            NodeFacts.publicAt(List.of(new NodeAddress("192.0.2.7", 7777), new NodeAddress("node.example.org", 80)));
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static TestControlPlane plane;
    private static NodeBook book;
    private static FakeClock clock;

    @BeforeAll
    static void start() {
        plane = TestControlPlane.start(
                POSTGRES.database().url(),
                keys,
                Map.of("skywire.uptime.sweep-interval", "1h"),
                NodeUptimeIT.Beans.class);
        book = plane.room(NodeBook.class);
        clock = plane.room(FakeClock.class);
    }

    @AfterAll
    static void stop() {
        plane.close();
        HTTP.close();
    }

    @BeforeEach
    void empty() {
        plane.room(JdbcTemplate.class).update("TRUNCATE node_facts, node_uptime, node_uptime_days, node_reachability");
    }

    @Test
    void saysWhetherANodeCouldBeDialledAndForgetsItAfterAnHour() throws Exception {
        book.told(NODES.get(0), "skywire/1", NodeFacts.HIDDEN);
        assertThat(one(NODES.get(0)).get("reachable").asString()).isEqualTo("unknown");
        assertThat(one(NODES.get(0)).has("reachableCheckedAt")).isFalse();

        book.dialled(NODES.get(0), Reachability.YES, clock.instant());
        assertThat(one(NODES.get(0)).get("reachable").asString()).isEqualTo("yes");
        assertThat(one(NODES.get(0)).get("reachableCheckedAt").asString())
                .isEqualTo(clock.instant().toString());

        book.dialled(NODES.get(0), Reachability.NO, clock.instant().plusSeconds(1));
        assertThat(one(NODES.get(0)).get("reachable").asString()).isEqualTo("no");
        clock.advance(Duration.ofMinutes(61));
        assertThat(one(NODES.get(0)).get("reachable").asString()).isEqualTo("unknown");
    }

    @Test
    void onlyPublicNodesSayWhereTheyAre() throws Exception {
        book.told(NODES.get(0), "skywire/1", HERE);
        book.told(NODES.get(1), "skywire/1", NodeFacts.HIDDEN);

        assertThat(one(NODES.get(0)).get("addresses").toString())
                .isEqualTo("[\"192.0.2.7:7777\",\"node.example.org:80\"]");
        assertThat(one(NODES.get(1)).get("addresses").isEmpty()).isTrue();
        assertThat(keys("?public=true")).containsExactly(NODES.get(0).hex());
        assertThat(keys("?public=false")).containsExactly(NODES.get(1).hex());
        assertThat(keys("")).hasSize(2);

        book.told(NODES.get(0), "skywire/2", NodeFacts.HIDDEN);
        assertThat(one(NODES.get(0)).get("addresses").isEmpty()).isTrue();
        assertThat(one(NODES.get(0)).get("software").stringValue()).isEqualTo("skywire/2");
        assertThat(keys("?public=true")).isEmpty();
    }

    @Test
    void pagesHoldEveryNodeOnce() throws Exception {
        NODES.forEach(node -> book.told(node, "skywire/1", HERE));

        List<String> read = new ArrayList<>();
        String after = "";
        for (int page = 0; page < 4 && after != null; page++) {
            JsonNode answer = json("/api/v1/nodes?public=true&limit=2&after=" + after);
            answer.get("nodes").forEach(node -> read.add(node.get("key").stringValue()));
            after = answer.has("next") ? answer.get("next").stringValue() : null;
        }

        assertThat(after).isNull();
        assertThat(read)
                .containsExactlyElementsOf(NODES.stream().map(PublicKey::hex).toList());
    }

    @Test
    void aSessionIsUptime() throws Exception {
        book.told(NODES.get(0), "skywire/1", NodeFacts.HIDDEN);
        assertThat(one(NODES.get(0)).get("online").booleanValue()).isFalse();

        for (int minute = 0; minute < 10; minute++) {
            book.present(NODES.subList(0, 2));
            clock.advance(Duration.ofMinutes(1));
        }

        String days = get("/uptime/" + NODES.get(0).hex() + "?v=v2", 200);
        assertThat(days).contains("\"on\":true").contains("\"version\":\"skywire/1\"");
        assertThat(days).containsAnyOf("\"0.69\"", "\"1.04\""); // two stretches, or three if the first had begun
        assertThat(one(NODES.get(1)).get("online").booleanValue()).isTrue();
        clock.advance(Duration.ofMinutes(6));
        assertThat(one(NODES.get(0)).get("online").booleanValue()).isFalse();
        assertThat(one(NODES.get(0)).get("lastSeen").isString()).isTrue();
    }

    @Test
    void thousandsArePresentAtOnce() {
        List<PublicKey> many =
                TestKeys.pairs(2_100, 93).stream().map(KeyPair::publicKey).toList();

        book.present(many);
        book.present(many);

        assertThat(plane.room(JdbcTemplate.class)
                        .queryForObject("SELECT sum(seconds) FROM node_uptime_days", Long.class))
                .isEqualTo(2_100 * 300);
    }

    @Test
    void aStockVisorIsKnownByItsUpdates() throws Exception {
        KeyPair visor = TestKeys.pairs(1, 94).getFirst();
        assertThat(get("/api/v1/nodes/" + visor.publicKey().hex(), 404)).contains("\"status\":404");

        new StockCaller(HTTP, plane.httpPort(), visor).call("GET", "/v4/update?version=v1.3.29", "");

        JsonNode node = one(visor.publicKey());
        assertThat(node.get("software").stringValue()).isEqualTo("v1.3.29");
        assertThat(node.get("online").booleanValue()).isTrue();
        assertThat(node.get("public").booleanValue()).isFalse();
        assertThat(one(visor.publicKey()))
                .isEqualTo(json("/api/v1/nodes/" + visor.publicKey().base32()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?public=yes",
                "?limit=0",
                "?limit=501",
                "?limit=x",
                "?limit=99999999999",
                "?after=zz",
                "?after=020000000000000000000000000000000000000000000000000000000000000005",
                "/zz",
                "/000000000000000000000000000000000000000000000000000000000000000000"
            })
    void badInputIsAProblem(String question) throws Exception {
        HttpResponse<String> answer = new StockCaller(
                        HTTP, plane.httpPort(), TestKeys.pairs(1, 95).getFirst())
                .unsigned("GET", "/api/v1/nodes" + question, "");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
        assertThat(StockCaller.json(answer).get("detail").stringValue()).contains("must be");
    }

    private static JsonNode one(PublicKey node) throws Exception {
        return json("/api/v1/nodes/" + node.hex());
    }

    private static List<String> keys(String question) throws Exception {
        List<String> keys = new ArrayList<>();
        json("/api/v1/nodes" + question)
                .get("nodes")
                .forEach(node -> keys.add(node.get("key").stringValue()));
        return keys;
    }

    private static JsonNode json(String path) throws Exception {
        return new tools.jackson.databind.json.JsonMapper().readTree(get(path, 200));
    }

    private static String get(String path, int status) throws Exception {
        HttpResponse<String> answer =
                new StockCaller(HTTP, plane.httpPort(), TestKeys.pairs(1, 96).getFirst()).unsigned("GET", path, "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return answer.body();
    }
}
