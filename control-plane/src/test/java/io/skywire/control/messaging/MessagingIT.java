package io.skywire.control.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.control.identity.MonitorProof;
import io.skywire.control.testing.FakeClock;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestKeys;
import io.skywire.shared.Vectors;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class MessagingIT {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @TempDir
    static Path keys;

    private static final List<KeyPair> KEYS = TestKeys.pairs(12, 41);
    private static final KeyPair A = KEYS.get(0);
    private static final KeyPair B = KEYS.get(1);
    private static final KeyPair OFFICIAL = KEYS.get(10);
    private static final KeyPair MONITOR = KEYS.get(11);
    private static final PublicKey STOCK_MONITOR = PublicKey.parse(Vectors.controlPlane()
            .get("network_monitor_headers")
            .get("headers")
            .get("NM-PK")
            .asString());
    private static final String VALIDATION = "entry validation error: ";
    private static final String WRONG_SEQUENCE =
            VALIDATION + "sequence field of new entry is not sequence of old entry + 1";
    private static final String WRONG_TIME = VALIDATION + "advertised entry timestamp is not greater than previous";

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static TestControlPlane plane;
    private static FakeClock clock;
    private static JdbcTemplate jdbc;

    @BeforeAll
    static void start() {
        plane = TestControlPlane.start(
                POSTGRES.database().url(),
                keys,
                Map.of(
                        "skywire.messaging.sweep-interval",
                        "1h",
                        "skywire.messaging.official-servers",
                        OFFICIAL.publicKey().hex(),
                        "skywire.identity.monitors.keys",
                        MONITOR.publicKey().hex() + "," + STOCK_MONITOR.hex()),
                Time.class);
        clock = plane.room(FakeClock.class);
        jdbc = plane.room(JdbcTemplate.class);
    }

    @AfterAll
    static void stop() {
        plane.close();
        HTTP.close();
    }

    @BeforeEach
    void empty() {
        jdbc.update("TRUNCATE messaging_entries, monitor_proofs");
    }

    // --- golden entries -------------------------------------------------------------------------------------------

    @Test
    void goldenEntriesAreTakenAndServedAsTheyWere() {
        Instant now = clock.instant();
        JsonNode vectors = Vectors.controlPlane().get("dmsg_entries");
        try {
            for (Map.Entry<String, JsonNode> vector : vectors.properties()) {
                String document = vector.getValue().get("full_json").asString();
                JsonNode json = new JsonMapper().readTree(document);
                empty();
                at(Instant.ofEpochSecond(json.get("timestamp").asLong() / 1_000_000_000L));

                assertAnswer(post(document), 200, "wrote a new entry");

                String served = get("/entry/" + json.get("static").asString()).body();
                if (json.has("server")) {
                    // The type is this discovery's word; see the contract.
                    assertThat(new JsonMapper()
                                    .readTree(served)
                                    .get("server")
                                    .get("serverType")
                                    .asString())
                            .isEqualTo("community");
                } else {
                    assertThat(served).as(vector.getKey()).isEqualTo(document);
                }
            }
        } finally {
            at(now);
        }
    }

    // --- the rules of POST, in their order ------------------------------------------------------------------------

    @Test
    void everyRuleHasItsTextAndStatusAndTheFirstBrokenOneAnswers() {
        SignedDocument server = SignedDocument.server(A, "0", clock.instant(), 5);
        String text = server.signedText();
        String key = A.publicKey().hex();

        assertAnswer(post("{"), 400, "something unexpected happened");
        assertAnswer(
                post(SignedDocument.server(A, "0", Instant.EPOCH, "127.0.0.2:80", 5)
                        .text()
                        .replace("0.0.1", "")),
                422,
                VALIDATION + "advertising localhost listening address is not allowed in production mode");
        assertAnswer(post(text.replace("0.0.1", "")), 422, VALIDATION + "entry has no version");
        assertAnswer(post(text.replace(key, "")), 422, VALIDATION + "entry has no signature");
        assertAnswer(post(server.signed(text.replace(key, ""))), 422, VALIDATION + "entry Keys is nil");
        assertAnswer(
                post(server.signed(text.replace("\"server\"", "\"servant\""))),
                422,
                VALIDATION + "entry has neither client or server field");
        assertAnswer(
                post(SignedDocument.server(A, "0", Instant.EPOCH, "", 5).text()),
                422,
                VALIDATION + "server address cannot be empty");
        assertAnswer(
                post(SignedDocument.server(A, "0", Instant.EPOCH, 5).text().replace("203", "204")),
                422,
                VALIDATION + "advertised entry has outdated timestamp");
        assertAnswer(post(server.text().replace("203", "204")), 401, "invalid signature");
        assertAnswer(post(text.replace("}}", "},\"signature\":\"zz\"}")), 401, "invalid signature");
        assertThat(rows()).isZero();

        assertAnswer(post(server.text()), 200, "wrote a new entry");
        assertAnswer(post(server.text()), 422, WRONG_SEQUENCE);
        assertAnswer(
                post(SignedDocument.server(A, "1", clock.instant().minusMillis(1), 5)
                        .text()),
                422,
                WRONG_TIME);
        assertAnswer(
                post(SignedDocument.server(A, "0", clock.instant().minusMillis(1), 5)
                        .text()),
                422,
                WRONG_SEQUENCE);
        assertAnswer(post(SignedDocument.server(A, "1", clock.instant(), 4).text()), 200, "wrote new entry iteration");
    }

    @Test
    void aHighSignatureOfTheRightKeyIsRefused() {
        String text = SignedDocument.client(A, "0", clock.instant()).text();
        int at = text.length() - 2 - 130 + 64;
        // n - s with the recovery bit turned recovers the same key, and is refused all the same.
        String s = text.substring(at, at + 64);
        String high = String.format(
                "%064x",
                new java.math.BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16)
                        .subtract(new java.math.BigInteger(s, 16)));
        String id = text.substring(at + 64, at + 66).equals("00") ? "01" : "00";

        assertAnswer(post(text.substring(0, at) + high + id + "\"}"), 401, "invalid signature");
    }

    @Test
    void theKeyInThePathCountsForNothing() {
        String document = SignedDocument.client(A, "0", clock.instant()).text();

        assertAnswer(send("POST", "/entry/" + B.publicKey().hex(), document), 200, "wrote a new entry");

        assertThat(get("/entry/" + A.publicKey().hex()).body()).isEqualTo(document);
        assertAnswer(get("/entry/" + B.publicKey().hex()), 404, "entry of public key is not found");
    }

    @Test
    void sequencesAreExactToTheLastOfSixtyFourBits() {
        for (String sequence : List.of("9007199254740993", "9223372036854775808", "18446744073709551615")) {
            assertThat(post(SignedDocument.client(A, sequence, clock.instant()).text())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(get("/entry/" + A.publicKey().hex()).body()).contains("\"sequence\":" + sequence + ",");
        }
        assertAnswer(post(SignedDocument.client(A, "0", clock.instant()).text()), 422, WRONG_SEQUENCE);
    }

    @Test
    void unknownAndMalformedKeysAreToldApart() {
        assertAnswer(get("/entry/" + A.publicKey().hex()), 404, "entry of public key is not found");
        assertAnswer(get("/entry/000"), 404, "entry of public key is not found");
        assertAnswer(get("/entry/xyz"), 400, "error bad input");
        assertAnswer(get("/entry/" + A.publicKey().base32()), 400, "error bad input");
        assertAnswer(get("/entry/02" + "f".repeat(64)), 400, "error bad input");
    }

    // --- listings -------------------------------------------------------------------------------------------------

    @Test
    void listsClientsVisorsAndServersApart() {
        assertThat(get("/entries").body()).isEqualTo("[]");
        assertThat(get("/visorEntries").body()).isEqualTo("[]");
        assertAnswer(get("/available_servers"), 404, "no delegated dmsg servers available for remote");
        assertAnswer(get("/all_servers"), 404, "no delegated dmsg servers available for remote");
        written(SignedDocument.client(KEYS.get(2), "0", clock.instant()));
        written(SignedDocument.visor(KEYS.get(3), "0", clock.instant()));
        written(SignedDocument.server(KEYS.get(4), "0", clock.instant(), 3));
        written(SignedDocument.server(KEYS.get(5), "0", clock.instant(), 0));
        written(SignedDocument.server(KEYS.get(6), "0", clock.instant(), 9));

        assertThat(keys("/entries"))
                .containsExactlyInAnyOrder(
                        KEYS.get(2).publicKey().hex(), KEYS.get(3).publicKey().hex());
        assertThat(keys("/visorEntries"))
                .containsExactly(KEYS.get(3).publicKey().hex());
        assertThat(servers("/available_servers"))
                .containsExactly(
                        KEYS.get(6).publicKey().hex(), KEYS.get(4).publicKey().hex());
        assertThat(servers("/all_servers"))
                .containsExactly(
                        KEYS.get(6).publicKey().hex(),
                        KEYS.get(4).publicKey().hex(),
                        KEYS.get(5).publicKey().hex());
        assertThat(get("/all_servers").headers().firstValue("content-type")).contains("application/json");
    }

    @Test
    void givesAtMostFiveHundredAndTwelveServersAndTheOfficialOneIsAmongThem() {
        written(SignedDocument.server(OFFICIAL, "0", clock.instant(), 1));
        jdbc.update("""
                INSERT INTO messaging_entries (public_key, sequence, timestamp_ns, live, document, server,
                    available_sessions, until)
                SELECT decode('02' || lpad(to_hex(i), 64, '0'), 'hex'), 0, 0, true,
                    '{"static":"s' || i || '","server":{"availableSessions":' || i || '}}', true, i, now()
                FROM generate_series(2, 700) i
                """);

        JsonNode listed = new JsonMapper().readTree(get("/available_servers").body());

        assertThat(listed.size()).isEqualTo(512);
        assertThat(listed.valueStream().map(server -> server.get("static").asString()))
                .contains(OFFICIAL.publicKey().hex());
        assertThat(listed.valueStream()
                        .map(server ->
                                -server.get("server").get("availableSessions").asLong()))
                .isSorted();
    }

    @Test
    void theTwoRequestsThatBrokeTheOriginalBreakNothing() {
        written(SignedDocument.server(A, "0", clock.instant(), 7));
        written(SignedDocument.server(B, "0", clock.instant(), 3));
        assertThat(servers("/available_servers")).hasSize(2);

        assertAnswer(post(SignedDocument.client(A, "1", clock.instant()).text()), 200, "wrote new entry iteration");

        assertThat(servers("/available_servers")).containsExactly(B.publicKey().hex());
        assertThat(servers("/all_servers")).containsExactly(B.publicKey().hex());
        assertThat(keys("/entries")).containsExactly(A.publicKey().hex());
    }

    // --- server types ---------------------------------------------------------------------------------------------

    @Test
    void theTypeOfAServerIsNotItsOwnWord() {
        written(SignedDocument.server(A, "0", clock.instant(), 7).withType("official"));
        written(SignedDocument.server(OFFICIAL, "0", clock.instant(), 7));
        written(SignedDocument.server(OFFICIAL, "1", clock.instant(), 7).withType("community"));

        assertThat(get("/entry/" + A.publicKey().hex()).body()).contains("\"serverType\":\"community\"");
        assertThat(get("/entry/" + OFFICIAL.publicKey().hex()).body()).contains("\"serverType\":\"official\"");
    }

    @Test
    void aServerDeletesItselfWithTheDocumentThatItWasServed() {
        written(SignedDocument.server(A, "0", clock.instant(), 7));
        String served = get("/entry/" + A.publicKey().hex()).body();

        assertAnswer(send("DELETE", "/entry", served), 200, "deleted entry");
    }

    // --- deletion and tombstones ----------------------------------------------------------------------------------

    @Test
    void aStockClientDeletesItsEntryAndComesBackAtZero() {
        written(SignedDocument.client(A, "0", clock.instant()));
        clock.advance(Duration.ofSeconds(1));
        written(SignedDocument.client(A, "1", clock.instant()));
        String served = get("/entry/" + A.publicKey().hex()).body();

        assertAnswer(send("DELETE", "/entry", served), 200, "deleted entry");

        assertAnswer(get("/entry/" + A.publicKey().hex()), 404, "entry of public key is not found");
        assertThat(get("/entries").body()).isEqualTo("[]");
        assertAnswer(send("DELETE", "/entry", served), 404, "entry of public key is not found");
        clock.advance(Duration.ofSeconds(1));
        assertAnswer(post(SignedDocument.client(A, "0", clock.instant()).text()), 200, "wrote a new entry");
    }

    @Test
    void noOldDocumentComesBackAfterADeletion() {
        List<String> old = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            SignedDocument document = SignedDocument.client(A, Integer.toString(i), clock.instant());
            written(document);
            old.add(document.text());
            clock.advance(Duration.ofSeconds(1));
        }
        assertAnswer(send("DELETE", "/entry", old.getLast()), 200, "deleted entry");

        old.forEach(document -> assertAnswer(post(document), 422, WRONG_TIME));
        assertThat(get("/entries").body()).isEqualTo("[]");
    }

    @Test
    void anOldDocumentDeletesNothing() {
        SignedDocument first = SignedDocument.client(A, "0", clock.instant());
        written(first);
        clock.advance(Duration.ofSeconds(1));
        written(SignedDocument.client(A, "1", clock.instant()));

        assertAnswer(send("DELETE", "/entry", first.text()), 422, WRONG_SEQUENCE);
        assertAnswer(send("DELETE", "/entry", first.text().replace("0.0.1", "0.0.2")), 401, "invalid signature");
        assertAnswer(send("DELETE", "/entry", "[]"), 400, "something unexpected happened");
        assertThat(get("/entry/" + A.publicKey().hex()).statusCode()).isEqualTo(200);
    }

    @Test
    void aClockThatRanAheadDoesNotLockItsOwnerOut() {
        SignedDocument ahead = SignedDocument.client(A, "0", clock.instant().plus(Duration.ofDays(4000)));
        written(ahead);
        assertAnswer(send("DELETE", "/entry", ahead.text()), 200, "deleted entry");

        clock.advance(Duration.ofSeconds(1));

        written(SignedDocument.client(A, "0", clock.instant()));
    }

    // --- lifetimes ------------------------------------------------------------------------------------------------

    @Test
    void serversLiveTwoMinutesShortClientsThreeAndClientsFifteen() {
        settle();
        written(SignedDocument.server(KEYS.get(2), "0", clock.instant(), 7));
        assertAnswer(
                send(
                        "POST",
                        "/entry/?timeout=true",
                        SignedDocument.client(KEYS.get(3), "0", clock.instant()).text()),
                200,
                "wrote a new entry");
        written(SignedDocument.visor(KEYS.get(4), "0", clock.instant()));

        pass(Duration.ofSeconds(119));
        assertThat(servers("/all_servers")).hasSize(1);
        pass(Duration.ofSeconds(1));
        assertThat(get("/all_servers").statusCode()).isEqualTo(404);
        assertThat(get("/entry/" + KEYS.get(2).publicKey().hex()).statusCode()).isEqualTo(404);

        pass(Duration.ofSeconds(59));
        assertThat(keys("/entries")).hasSize(2);
        pass(Duration.ofSeconds(1));
        assertThat(keys("/entries")).containsExactly(KEYS.get(4).publicKey().hex());

        pass(Duration.ofSeconds(719));
        assertThat(keys("/visorEntries")).hasSize(1);
        pass(Duration.ofSeconds(1));
        assertThat(get("/visorEntries").body()).isEqualTo("[]");
    }

    @Test
    void anUpdateStartsTheLifetimeAgainAndAnEndedEntryGoesOnWithItsSequence() {
        settle();
        written(SignedDocument.server(A, "0", clock.instant(), 7));
        pass(Duration.ofSeconds(100));
        written(SignedDocument.server(A, "1", clock.instant(), 6));
        pass(Duration.ofSeconds(100));
        assertThat(servers("/all_servers")).hasSize(1);
        pass(Duration.ofSeconds(30));
        assertThat(get("/all_servers").statusCode()).isEqualTo(404);

        assertAnswer(post(SignedDocument.server(A, "2", clock.instant(), 5).text()), 200, "wrote a new entry");
    }

    @Test
    void afterAGapInTheWatchEverybodyGetsTheirLifetimeAgain() {
        settle();
        written(SignedDocument.server(A, "0", clock.instant(), 7));

        clock.advance(Duration.ofMinutes(10));
        pass(Duration.ofSeconds(119));
        assertThat(servers("/all_servers")).hasSize(1);
        pass(Duration.ofSeconds(2));
        assertThat(get("/all_servers").statusCode()).isEqualTo(404);
    }

    @Test
    void aSweepIsBoundedAndTombstonesGoInTheEnd() {
        EntryDirectory directory = plane.room(EntryDirectory.class);
        for (int i = 2; i < 7; i++) {
            written(SignedDocument.client(KEYS.get(i), "0", clock.instant()));
        }
        clock.advance(Duration.ofMinutes(16));

        assertThat(directory.expire(EntryTable.Kind.OTHERS, 3)).isEqualTo(3);
        assertThat(keys("/entries")).hasSize(2);
        assertThat(directory.expire(EntryTable.Kind.OTHERS, 3)).isEqualTo(2);
        assertThat(rows()).isEqualTo(5);

        clock.advance(Duration.ofDays(90));
        assertThat(plane.room(EntryTable.class).forgetTombstones(clock.instant(), 4))
                .isEqualTo(4);
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void gaugesSayHowManyEntriesAreStored() {
        written(SignedDocument.client(A, "0", clock.instant()));
        written(SignedDocument.client(B, "0", clock.instant()));
        plane.room(EntryCounts.class).count();

        MeterRegistry meters = plane.room(MeterRegistry.class);
        assertThat(meters.get("skywire.messaging.clients").gauge().value()).isEqualTo(2);
        assertThat(meters.get("skywire.messaging.servers").gauge().value()).isZero();
    }

    // --- network monitors -----------------------------------------------------------------------------------------

    @Test
    void aListedMonitorDeregistersWithAFreshProofOnce() {
        written(SignedDocument.client(A, "0", clock.instant()));
        written(SignedDocument.client(B, "0", clock.instant()));
        String body =
                "[\"" + A.publicKey().hex() + "\",\"" + KEYS.get(2).publicKey().hex() + "\"]";
        Map<String, String> proof = proof(MONITOR, clock.instant(), 1, body);

        assertThat(deregister(proof, body).statusCode()).isEqualTo(200);
        assertThat(keys("/entries")).containsExactly(B.publicKey().hex());

        clock.advance(Duration.ofSeconds(1));
        written(SignedDocument.client(A, "0", clock.instant()));
        assertThat(deregister(proof, body).statusCode()).isEqualTo(403);
        assertThat(keys("/entries")).hasSize(2);
        HttpResponse<String> again = deregister(proof(MONITOR, clock.instant(), 2, body), body);
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.body()).isEqualTo("null");
    }

    @Test
    void proofsThatAreStrangeStaleForeignOrForAnotherBodyAreForbidden() {
        written(SignedDocument.client(A, "0", clock.instant()));
        String body = "[\"" + A.publicKey().hex() + "\"]";

        assertThat(deregister(proof(B, clock.instant(), 1, body), body).statusCode())
                .isEqualTo(403);
        assertThat(deregister(proof(MONITOR, clock.instant().minusSeconds(61), 1, body), body)
                        .statusCode())
                .isEqualTo(403);
        assertThat(deregister(proof(MONITOR, clock.instant().plusSeconds(61), 1, body), body)
                        .statusCode())
                .isEqualTo(403);
        assertThat(deregister(proof(MONITOR, clock.instant(), 1, "[]"), body).statusCode())
                .isEqualTo(403);
        Map<String, String> foreign = new java.util.HashMap<>(proof(B, clock.instant(), 1, body));
        foreign.put("NM-PK", MONITOR.publicKey().hex());
        assertThat(deregister(foreign, body).statusCode()).isEqualTo(403);
        assertThat(deregister(Map.of(), body).statusCode()).isEqualTo(403);
        assertThat(deregister(Map.of("NM-PK", "zz"), body).statusCode()).isEqualTo(400);
        assertThat(deregister(proof(MONITOR, clock.instant(), 1, "[null]"), "[null]")
                        .statusCode())
                .isEqualTo(400);
        assertThat(keys("/entries")).hasSize(1);
        // A refused request uses up no nonce.
        assertThat(deregister(proof(MONITOR, clock.instant(), 1, body), body).statusCode())
                .isEqualTo(200);
    }

    @Test
    void theConstantProofOfTheOriginalOpensNothing() {
        JsonNode headers = Vectors.controlPlane().get("network_monitor_headers").get("headers");
        assertThat(STOCK_MONITOR.verifies(
                        io.skywire.shared.key.Signature.parse(
                                headers.get("NM-Sign").asString()),
                        STOCK_MONITOR.hex().getBytes(StandardCharsets.US_ASCII)))
                .isTrue();
        written(SignedDocument.client(A, "0", clock.instant()));
        String body = "[\"" + A.publicKey().hex() + "\"]";
        Map<String, String> stock = Map.of(
                "NM-PK", STOCK_MONITOR.hex(), "NM-Sign", headers.get("NM-Sign").asString());

        assertThat(deregister(stock, body).statusCode()).isEqualTo(400);
        Map<String, String> padded = new java.util.HashMap<>(proof(MONITOR, clock.instant(), 1, body));
        padded.putAll(stock);
        assertThat(deregister(padded, body).statusCode()).isEqualTo(403);
        assertThat(keys("/entries")).hasSize(1);
    }

    // --- many at once, and nonsense -------------------------------------------------------------------------------

    @Test
    void ofManyUpdatesWithOneSequenceExactlyOneWins() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int sequence = 0; sequence < 8; sequence++) {
                List<Future<HttpResponse<String>>> racing = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    String document = SignedDocument.client(
                                    A,
                                    Integer.toString(sequence),
                                    clock.instant().plusNanos(1000L * sequence + i))
                            .text();
                    racing.add(threads.submit(() -> post(document)));
                }
                int won = 0;
                for (Future<HttpResponse<String>> race : racing) {
                    HttpResponse<String> answer = race.get(30, TimeUnit.SECONDS);
                    won += answer.statusCode() == 200 ? 1 : 0;
                    assertThat(answer.statusCode()).isIn(200, 422);
                }
                assertThat(won).as("winners of sequence %s", sequence).isEqualTo(1);
            }
        }
    }

    @Test
    void malformedBodiesGetNoServerErrorAndChangeNothing() {
        written(SignedDocument.client(A, "5", clock.instant()));
        written(SignedDocument.server(B, "5", clock.instant(), 5));
        List<Map<String, Object>> before = snapshot();
        long seed = 20261122L;
        SplittableRandom random = new SplittableRandom(seed);
        String valid = SignedDocument.visor(KEYS.get(2), "6", clock.instant()).text();
        List<String> pieces = List.of(
                "null",
                "[]",
                "{}",
                "1e999",
                "-1",
                "\"\\u0000\"",
                "\"\\ud800\"",
                "18446744073709551616",
                "[null]",
                "true");

        for (int i = 0; i < 1500; i++) {
            StringBuilder body = new StringBuilder(valid);
            int edits = 1 + random.nextInt(3);
            for (int edit = 0; edit < edits; edit++) {
                int at = random.nextInt(body.isEmpty() ? 1 : body.length());
                if (body.isEmpty()) {
                    break;
                }
                switch (random.nextInt(4)) {
                    case 0 -> body.setCharAt(at, (char) random.nextInt(256));
                    case 1 -> body.delete(at, Math.min(body.length(), at + 1 + random.nextInt(20)));
                    case 2 -> body.insert(at, pieces.get(random.nextInt(pieces.size())));
                    case 3 -> body.setLength(Math.max(1, at));
                    default -> throw new IllegalStateException();
                }
            }
            String method = i % 3 == 0 ? "DELETE" : "POST";
            HttpResponse<String> answer = send(method, "/entry/".substring(0, i % 3 == 0 ? 6 : 7), body.toString());
            if (answer.statusCode() == 200 && answer.body().contains("wrote")) {
                // An edit outside the signed fields leaves a valid entry: take it out again and go on.
                jdbc.update("DELETE FROM messaging_entries WHERE public_key = ?", (Object)
                        KEYS.get(2).publicKey().bytes());
                continue;
            }
            assertThat(answer.statusCode())
                    .as("seed %s, body %s: %s", seed, i, body)
                    .isBetween(400, 499);
        }
        assertThat(snapshot()).isEqualTo(before);
    }

    @Test
    void bodiesHaveAnEnd() {
        assertAnswer(
                post("{\"version\":\"" + "x".repeat(MessagingController.MAX_ENTRY) + "\"}"),
                413,
                "request body is too large");
        assertAnswer(post("{\"version\":" + "[".repeat(8000)), 400, "something unexpected happened");
        String keys = IntStream.range(0, 129)
                .mapToObj(i -> "\"" + A.publicKey().hex() + "\"")
                .collect(java.util.stream.Collectors.joining(","));
        assertAnswer(post("{\"client\":{\"delegated_servers\":[" + keys + "]}}"), 400, "something unexpected happened");
    }

    // --- the stock-like client --------------------------------------------------------------------------------------

    private static void written(SignedDocument document) {
        HttpResponse<String> answer = post(document.text());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static HttpResponse<String> post(String document) {
        return send("POST", "/entry/", document);
    }

    private static HttpResponse<String> get(String path) {
        return send("GET", path, "");
    }

    private static HttpResponse<String> deregister(Map<String, String> headers, String body) {
        HttpRequest.Builder request = request("/deregister");
        headers.forEach(request::header);
        return send(request.method("DELETE", BodyPublishers.ofString(body)).build());
    }

    private static Map<String, String> proof(KeyPair monitor, Instant time, int nonce, String body) {
        byte[] nonceBytes = new byte[16];
        nonceBytes[15] = (byte) nonce;
        return Map.of(
                "NM-PK", monitor.publicKey().hex(),
                "NM-Time", Long.toString(time.getEpochSecond()),
                "NM-Nonce", HexFormat.of().formatHex(nonceBytes),
                "NM-Sign",
                        monitor.sign(MonitorProof.signedBytes(
                                        "/dmsg-discovery/deregister",
                                        monitor.publicKey(),
                                        time,
                                        nonceBytes,
                                        body.getBytes(StandardCharsets.UTF_8)))
                                .hex());
    }

    private static HttpResponse<String> send(String method, String path, String body) {
        return send(request(path)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build());
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + plane.httpPort() + "/dmsg-discovery" + path))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", "application/json");
    }

    private static HttpResponse<String> send(HttpRequest request) {
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertAnswer(HttpResponse<String> answer, int status, String text) {
        assertThat(answer.body()).isEqualTo("{\"message\":\"" + text + "\",\"code\":" + status + "}");
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
    }

    private static List<String> keys(String path) {
        return new JsonMapper()
                .readTree(get(path).body())
                .valueStream()
                .map(JsonNode::asString)
                .toList();
    }

    private static List<String> servers(String path) {
        return new JsonMapper()
                .readTree(get(path).body())
                .valueStream()
                .map(server -> server.get("static").asString())
                .toList();
    }

    // --- time and the database --------------------------------------------------------------------------------------

    private static void at(Instant time) {
        clock.advance(Duration.between(clock.instant(), time));
    }

    /// Lets time pass while the sweeper looks on, as it does in life.
    private static void pass(Duration duration) {
        EntrySweeper sweeper = plane.room(EntrySweeper.class);
        for (long second = 0; second < duration.toSeconds(); second++) {
            clock.advance(Duration.ofSeconds(1));
            sweeper.sweep();
        }
    }

    /// The sweeper has watched long enough to believe that nobody was kept from renewing.
    private static void settle() {
        pass(Duration.ofMinutes(16));
    }

    private static long rows() {
        Long count = jdbc.queryForObject("SELECT count(*) FROM messaging_entries", Long.class);
        return count == null ? -1 : count;
    }

    private static List<Map<String, Object>> snapshot() {
        return jdbc.queryForList("SELECT encode(public_key, 'hex'), sequence, timestamp_ns, live, document, until"
                + " FROM messaging_entries ORDER BY 1");
    }

    @Configuration(proxyBeanMethods = false)
    static class Time {
        @Bean
        @Primary
        FakeClock fakeClock() {
            return new FakeClock();
        }
    }
}
