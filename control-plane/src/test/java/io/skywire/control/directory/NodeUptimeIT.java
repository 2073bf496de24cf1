package io.skywire.control.directory;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.testing.FakeClock;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.StockCaller;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.JdbcTemplate;

final class NodeUptimeIT {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @TempDir
    static Path keys;

    private static final List<KeyPair> NODES = TestKeys.pairs(3, 91).stream()
            .sorted(Comparator.comparing(KeyPair::publicKey))
            .toList();
    private static final PublicKey A = NODES.get(0).publicKey();
    private static final PublicKey B = NODES.get(1).publicKey();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    private static TestControlPlane plane;
    private static FakeClock clock;

    @BeforeAll
    static void start() {
        plane = TestControlPlane.start(
                POSTGRES.database().url(),
                keys,
                Map.of(
                        "skywire.uptime.sweep-interval", "1h",
                        "skywire.services.transport-discovery", "http://127.0.0.1:8181",
                        "skywire.services.stun-servers", "192.0.2.1:3478,192.0.2.2:3478"),
                Beans.class);
        clock = plane.room(FakeClock.class);
    }

    @AfterAll
    static void stop() {
        plane.close();
        HTTP.close();
    }

    @BeforeEach
    void empty() {
        plane.room(JdbcTemplate.class).update("TRUNCATE node_uptime, node_uptime_days");
        at(NOON);
    }

    @Test
    void anUpdateNeedsASignedRequest() throws Exception {
        HttpResponse<String> answer = send("GET", "/v4/update?version=v1.3.29", null);

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.body()).isEqualTo("{\"error\":{\"message\":\"SW-Public missing\",\"code\":401}}\n");
        assertThat(get("/uptimes")).isEqualTo("[]");
    }

    @Test
    void aNodeIsOnlineForSixMinutesAfterItsUpdate() throws Exception {
        update(A, "v1.3.29");
        assertThat(get("/uptime/" + A.hex())).isEqualTo("{\"key\":\"" + A.hex() + "\",\"online\":true}");

        clock.advance(Duration.ofMinutes(6));
        assertThat(get("/uptime/" + A.hex())).contains("\"online\":true");
        clock.advance(Duration.ofSeconds(1));
        assertThat(get("/uptime/" + A.hex())).contains("\"online\":false");
    }

    @Test
    void repeatsInsideAStretchCreditOnceAndKeepTheNodeOnline() throws Exception {
        update(A, "v1");
        clock.advance(Duration.ofSeconds(299));
        update(A, "v2");
        assertThat(get("/uptimes?v=v2")).contains("\"2026-11-22\":\"0.35\"").contains("\"version\":\"v2\"");

        clock.advance(Duration.ofSeconds(1));
        update(A, "v2");
        assertThat(get("/uptimes?v=v2")).contains("\"2026-11-22\":\"0.69\"");
        clock.advance(Duration.ofSeconds(240));
        update(A, "v2");
        clock.advance(Duration.ofSeconds(359));
        assertThat(get("/uptimes")).contains("\"online\":true");
    }

    @Test
    void aWholeDayIsAHundredPercentAndDaysAreApart() throws Exception {
        at(Instant.parse("2026-11-21T00:00:00Z"));
        UptimeLedger ledger = plane.room(UptimeLedger.class);
        for (int stretch = 0; stretch < 289; stretch++) {
            ledger.seen(A, "");
            clock.advance(Duration.ofSeconds(300));
        }

        String all = get("/uptimes?v=v2");
        assertThat(all).contains("\"2026-11-21\":\"100.00\"").contains("\"2026-11-22\":\"0.35\"");
        assertThat(all).doesNotContain("version");
        long day = Instant.parse("2026-11-21T10:00:00Z").getEpochSecond();
        assertThat(get("/uptimes?v=v2&startDate=" + day + "&endDate=" + day))
                .contains("2026-11-21")
                .doesNotContain("2026-11-22");
        assertThat(get("/uptimes?v=v2&startDate=0&endDate=86400"))
                .contains(A.hex())
                .doesNotContain("daily");
        assertThat(get("/uptime/" + A.hex() + "?v=v2")).contains("\"2026-11-21\":\"100.00\"");
    }

    @Test
    void filtersByVisorAndByStatus() throws Exception {
        update(A, "");
        clock.advance(Duration.ofMinutes(10));
        update(B, "");

        String a = "{\"key\":\"" + A.hex() + "\",\"online\":false}";
        String b = "{\"key\":\"" + B.hex() + "\",\"online\":true}";
        assertThat(get("/uptimes")).isEqualTo("[" + a + "," + b + "]");
        assertThat(get("/uptimes?status=on")).isEqualTo("[" + b + "]");
        assertThat(get("/uptimes?status=off")).isEqualTo("[" + a + "]");
        assertThat(get("/uptimes?visors=" + A.hex())).isEqualTo("[" + a + "]");
        assertThat(get("/uptimes?visors=" + A.hex() + ","
                        + NODES.get(2).publicKey().hex() + "&status=on"))
                .isEqualTo("[]");
    }

    @Test
    void ofManyUpdatesAtOnceOneIsCredited() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                calls.add(threads.submit(() -> plane.room(UptimeLedger.class).seen(A, "v1")));
            }
            for (Future<?> call : calls) {
                call.get(30, TimeUnit.SECONDS);
            }
        }

        assertThat(get("/uptimes?v=v2")).contains("\"2026-11-22\":\"0.35\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/uptimes?visors=xyz",
                "/uptimes?visors=,",
                "/uptimes?startDate=x",
                "/uptimes?startDate=-1",
                "/uptimes?startDate=99999999999999999999",
                "/uptimes?startDate=0",
                "/uptimes?startDate=200000&endDate=0",
                "/uptime/xyz",
                "/uptime/000"
            })
    void badParametersAreTheCallersFault(String path) throws Exception {
        HttpResponse<String> answer = send("GET", path, null);

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).startsWith("{\"error\":\"");
    }

    @Test
    void aNodeThatWasNeverHeardOfIsNotFound() throws Exception {
        assertThat(send("GET", "/uptime/" + A.hex(), null).statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/update", "/v2/update", "/v3/update"})
    void olderUpdatesAreGone(String path) throws Exception {
        assertThat(send("GET", path, A).statusCode()).isEqualTo(410);
        assertThat(send("POST", path, A).statusCode()).isEqualTo(410);
        assertThat(send("GET", path, A).body()).isEmpty();
    }

    @Test
    void whatANodeSaysOfItsVersionIsCutAndMadePrintable() throws Exception {
        update(A, "v1%00%0A%3Cb%3E" + "x".repeat(300));

        assertThat(get("/uptimes?v=v2")).contains("\"version\":\"v1??<b>" + "x".repeat(93) + "\"");
    }

    @Test
    void oldDaysAreForgotten() throws Exception {
        update(A, "");
        clock.advance(Duration.ofDays(401));

        plane.room(UptimeLedger.class).forgetOldDays();

        assertThat(plane.room(JdbcTemplate.class).queryForObject("SELECT count(*) FROM node_uptime_days", Long.class))
                .isZero();
        assertThat(get("/uptimes")).contains(A.hex());
    }

    @Test
    void noPositionsAreKnown() throws Exception {
        assertThat(get("/visors")).isEqualTo("[]");
    }

    @Test
    void theBootstrapperGivesTheUrlsThatAreSetAndNoOthers() throws Exception {
        String expected = "{\"transport_discovery\":\"http://127.0.0.1:8181\","
                + "\"stun_servers\":[\"192.0.2.1:3478\",\"192.0.2.2:3478\"]}";
        tools.jackson.databind.json.JsonMapper json = new tools.jackson.databind.json.JsonMapper();

        assertThat(json.readTree(get("/config"))).isEqualTo(json.readTree(expected));
        assertThat(json.readTree(get("/config/"))).isEqualTo(json.readTree(expected));
    }

    private static void update(PublicKey node, String version) throws Exception {
        HttpResponse<String> answer = send("GET", "/v4/update?version=" + version, node);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static String get(String path) throws Exception {
        HttpResponse<String> answer = send("GET", path, null);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
        return answer.body();
    }

    /// Signed by `caller` as a stock visor signs, where there is one.
    private static HttpResponse<String> send(String method, String path, PublicKey caller) throws Exception {
        KeyPair signer = NODES.stream()
                .filter(node -> node.publicKey().equals(caller))
                .findFirst()
                .orElse(NODES.getLast());
        StockCaller visor = new StockCaller(HTTP, plane.httpPort(), signer);
        return caller == null ? visor.unsigned(method, path, "") : visor.call(method, path, "");
    }

    private static void at(Instant time) {
        clock.advance(Duration.between(clock.instant(), time));
    }

    /// Time, and a stand-in for the filter of signed requests that believes a header.
    @Configuration(proxyBeanMethods = false)
    static class Beans {
        @Bean
        @Primary
        FakeClock fakeClock() {
            return new FakeClock();
        }
    }
}
