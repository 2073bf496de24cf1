package io.skywire.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.node.api.ApiJson;
import io.skywire.node.api.ApiServer;
import io.skywire.node.api.DialRequest;
import io.skywire.node.api.FakeNode;
import io.skywire.node.api.StatusView;
import io.skywire.node.config.KeyFile;
import io.skywire.node.config.NodeConfig;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.key.SecretKey;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class NodeMainTest {
    @TempDir
    Path directory;

    private FakeNode node;
    private ApiServer server;
    private Path config;
    private String input = "";
    private Map<String, String> environment = Map.of();
    private NodeStarter starter = unexpected -> {
        throw new NodeStarter.StartFailedException("no start was expected");
    };

    private record Result(int exit, String out, String err) {
        JsonNode json() {
            return ApiJson.MAPPER.readTree(out);
        }
    }

    @BeforeEach
    void aNodeRuns() throws Exception {
        node = new FakeNode(directory.resolve("api.sock"), 31);
        config = writeConfig("node.yaml", "api.sock");
        server = ApiServer.start(directory.resolve("api.sock"), node);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Path writeConfig(String name, String socket) throws Exception {
        return Files.writeString(directory.resolve(name), """
                key_file: node.key
                state_dir: state
                control_planes:
                  - {address: 127.0.0.1:9191, tls: off}
                service_keys: [%1$s]
                setup_keys: [%1$s]
                api_socket: %2$s
                aliases:
                  bob: %3$s
                """.formatted(node.self.hex(), socket, node.peer.hex()));
    }

    private Result run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Terminal terminal = new Terminal(
                new ByteArrayInputStream(input.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                new PrintWriter(out),
                new PrintWriter(err),
                environment,
                directory,
                InstantSource.fixed(FakeNode.NOW),
                new Random(41));
        int exit = NodeMain.commandLine(terminal, starter).execute(arguments);
        return new Result(exit, out.toString(), err.toString());
    }

    @Test
    void statusIsReadable() {
        Result status = run("status");

        assertThat(status.exit()).isZero();
        assertThat(status.err()).isEmpty();
        assertThat(status.out()
                        .lines()
                        .map(line -> line.replace(node.self.hex(), "KEY").replace(node.self.base32(), "NAME")))
                .startsWith(
                        "node           KEY",
                        "name           NAME.sky",
                        "version        1.2.3",
                        "uptime         1 h 1 min, since 2026-11-22T08:58:20Z",
                        "control plane  connected to 127.0.0.1:9191 for 1 min 0 s",
                        "rules          revision 7, applied 3 s ago, pulled direct",
                        "from disk      2 rules of revision 5 when it started",
                        "listens at     127.0.0.1:7777",
                        "reachable      yes (192.0.2.1:7777); the control plane sees 192.0.2.1",
                        "socks          127.0.0.1:1080",
                        "http connect   -",
                        "metrics        -",
                        "api            " + directory.resolve("api.sock"),
                        "holds          1 transport, 1 route, 3 rules, 0 sessions",
                        "messaging      1 server",
                        "",
                        "LINK TO     ADDRESS         STATE    LAST FAILURE",
                        node.neighbour.shortHex() + "  127.0.0.1:7778  up       -",
                        node.island.shortHex() + "  127.0.0.1:7779  waiting  unreachable: connection refused",
                        "",
                        "MESSAGING SERVER  ADDRESS         STATE  ROUND TRIP",
                        node.neighbour.shortHex() + "        127.0.0.1:7780  up        0.41 ms");
    }

    @Test
    void listingsAreAlignedTables() {
        run("dial", "bob");
        run("publish", "80", "127.0.0.1:8080", "--allow", "bob");

        assertThat(run("transports").out().lines())
                .first()
                .isEqualTo("TRANSPORT  TYPE  NEIGHBOUR   ADDRESS         DIALLED BY  CIPHER  AGE        ROUND TRIP"
                        + "   LOSS    LOAD      IN      OUT       RATE  DROPPED");
        assertThat(run("transports").out()).contains("0.21 ms  1.2 %  25.0 %  1000 B  3.3 MiB  3.0 MiB/s        1");
        assertThat(run("routes").out())
                .contains("aa000000", "initiator", "bob (" + node.peer.shortHex() + ")", "2.0 KiB");
        assertThat(run("rules").out().lines().toList())
                .hasSize(4)
                .element(2)
                .asString()
                .startsWith("relay    ")
                .contains("/4294967295")
                .contains("1 s of 2 min 0 s")
                .doesNotContain("bob");
        assertThat(run("sessions").out()).contains("cc000000", "12.00 ms");
        assertThat(run("published").out().lines())
                .containsExactly(
                        "PORT  TARGET          ALLOWED", "  80  127.0.0.1:8080  bob (" + node.peer.shortHex() + ")");
    }

    @Test
    void emptyListingsSaySo() {
        assertThat(run("sessions").out()).isEqualTo("no sessions\n");
        assertThat(run("published").out()).isEqualTo("nothing is published\n");
        assertThat(run("sessions", "--output", "json").json()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"transports", "routes", "rules", "sessions", "published"})
    void listingsAreArraysInJson(String view) {
        Result listed = run(view, "--output", "json", "-c", config.toString());

        assertThat(listed.exit()).isZero();
        assertThat(listed.json().isArray()).isTrue();
    }

    @Test
    void statusIsAnObjectInJson() {
        JsonNode status = run("status", "--output", "JSON").json();

        assertThat(ApiJson.MAPPER.treeToValue(status, StatusView.class)).isEqualTo(node.status());
    }

    @Test
    void statusSaysWhyNobodyCanDialTheNode() {
        node.reachability(new StatusView.Reachability(
                StatusView.Reachable.NO,
                Optional.empty(),
                Optional.of("192.0.2.1:7777: Connection refused"),
                Optional.of("192.0.2.1"),
                Optional.of(FakeNode.NOW),
                List.of()));

        assertThat(run("status").out())
                .contains("reachable      no (192.0.2.1:7777: Connection refused); the control plane sees 192.0.2.1");
    }

    @Test
    void doctorSaysWhatFailsAndWhatToDo() throws Exception {
        KeyFile.write(directory.resolve("node.key"), KeyPair.generate(new Random(5)));
        run("dial", "bob");

        Result doctor = run("doctor");

        assertThat(doctor.exit()).isEqualTo(1);
        assertThat(doctor.err()).isEmpty();
        assertThat(doctor.out().lines())
                .contains(
                        "ok    control plane: connected to 127.0.0.1:9191",
                        "ok    clock: the control plane's clock is 12.00 ms ahead",
                        "ok    reachable: yes (192.0.2.1:7777); the control plane sees 192.0.2.1",
                        "ok    address 127.0.0.1:7777: reachable at 192.0.2.1:7777: the key was proved",
                        "fail  link to " + node.island.shortHex()
                                + ": waiting at 127.0.0.1:7779: unreachable: connection refused")
                .anySatisfy(line -> assertThat(line).startsWith("ok    route to bob"))
                .anySatisfy(line -> assertThat(line).startsWith("warn  version: the node runs 1.2.3"))
                .endsWith("something failed");
    }

    @Test
    void doctorIsOneObjectInJson() throws Exception {
        KeyFile.write(directory.resolve("node.key"), KeyPair.generate(new Random(5)));

        Result doctor = run("doctor", "--json");

        assertThat(doctor.exit()).isEqualTo(1);
        assertThat(doctor.json().path("ok").asBoolean(true)).isFalse();
        assertThat(doctor.json().path("checks").valueStream())
                .allSatisfy(check -> {
                    assertThat(check.path("outcome").asString()).isIn("ok", "warn", "fail");
                    assertThat(check.propertyNames()).containsExactly("name", "outcome", "means", "todo");
                })
                .extracting(check -> check.path("name").asString())
                .startsWith("config", "key", "node", "version", "control plane", "clock", "reachable");
    }

    @Test
    void doctorHasAClearAnswerWhenNoNodeRuns() throws Exception {
        Path dead = writeConfig("dead.yaml", "dead.sock");

        Result doctor = run("doctor", "-c", dead.toString());

        assertThat(doctor.exit()).isEqualTo(1);
        assertThat(doctor.out())
                .contains("ok    config: ")
                .contains("fail  key: ")
                .contains("fail  node: no node runs with this config");
    }

    @Test
    void doctorNamesEachProblemOfTheConfig() throws Exception {
        Path bad = Files.writeString(directory.resolve("bad.yaml"), "sokcs: 127.0.0.1:1080\n");

        Result doctor = run("doctor", "-c", bad.toString());

        assertThat(doctor.exit()).isEqualTo(1);
        assertThat(doctor.out()).contains("sokcs").contains("key_file").contains("something failed");
        assertThat(doctor.out()).doesNotContain("fail  node");
    }

    @Test
    void asksSeveralNodesAndSaysWhichOneIsAway() throws Exception {
        FakeNode other = new FakeNode(directory.resolve("two.sock"), 32);
        Path two = writeConfig("two.yaml", "two.sock");
        Path dead = writeConfig("dead.yaml", "dead.sock");
        try (ApiServer second = ApiServer.start(directory.resolve("two.sock"), other)) {
            Result both = run("rules", "--output", "json", "-c", config.toString(), "-c", two.toString());
            assertThat(both.exit()).isZero();
            assertThat(both.json().valueStream().map(each -> each.path("node").asString()))
                    .containsExactly(node.self.hex(), other.self.hex());
            assertThat(both.json().get(1).path("rules")).hasSize(3);

            Result states = run("status", "--output", "json", "-c", config.toString(), "-c", two.toString());
            assertThat(states.json().get(1).path("name").asString()).isEqualTo(other.self.base32() + ".sky");

            Result away = run("sessions", "-c", two.toString(), "-c", dead.toString());
            assertThat(away.exit()).isEqualTo(3);
            assertThat(away.out())
                    .startsWith("== " + two + "  " + other.self.shortHex() + "\nno sessions\n")
                    .contains("== " + dead + "\nno node runs with this config: there is no socket");

            Result awayJson = run("sessions", "--output", "json", "-c", dead.toString(), "-c", two.toString());
            assertThat(awayJson.exit()).isEqualTo(3);
            assertThat(awayJson.json().get(0).path("error").asString()).startsWith("no node runs");
            assertThat(awayJson.json().get(0).path("node").isNull()).isTrue();
        }
    }

    @Test
    void dialsByAliasKeyAndName() {
        assertThat(run("dial", "bob").out())
                .isEqualTo("session cc000000-0000-0000-0000-000000000001 with bob (" + node.peer.shortHex()
                        + ") is up: 4 hops, 1 attempt, planned 2.00 ms, installed 41.00 ms, 83.00 ms in all\n");
        assertThat(run("dial", node.peer.base32() + ".sky").exit()).isZero();
        assertThat(run("dial", "bob.sky", "--via", node.neighbour.hex() + "," + node.island.base32(), "--timeout", "3")
                        .exit())
                .isZero();
        assertThat(run("dial", node.peer.hex(), "--min-hops", "2", "--max-hops", "4", "--output", "json")
                        .json()
                        .path("hops")
                        .intValue())
                .isEqualTo(4);

        assertThat(node.dials()).extracting(DialRequest::peer).containsOnly(node.peer);
        assertThat(node.dials())
                .extracting(DialRequest::path)
                .containsExactly(
                        new DialRequest.Path.Any(0, 0),
                        new DialRequest.Path.Any(0, 0),
                        new DialRequest.Path.Via(List.of(node.neighbour, node.island)),
                        new DialRequest.Path.Any(2, 4));
        assertThat(node.dials().get(2).deadline()).hasSeconds(3);
    }

    @Test
    void tellsInOneLineWhyADialFailed() {
        PublicKey stranger = KeyPair.generate(new Random(77)).publicKey();

        assertThat(run("dial", stranger.hex()))
                .isEqualTo(new Result(1, "", "no such node: " + stranger.shortHex() + "\n"));
        assertThat(run("dial", node.island.hex()))
                .isEqualTo(new Result(1, "", "no route: nothing leads to " + node.island.shortHex() + "\n"));
        assertThat(run("dial", node.behindFullTable.hex()))
                .isEqualTo(new Result(1, "", "refused by hop 2: table full\n"));
    }

    @Test
    void tellsARefusalInJsonToo() {
        Result refused = run("dial", node.behindFullTable.hex(), "--output", "json");

        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.json())
                .isEqualTo(ApiJson.MAPPER.readTree("{\"code\":\"refused\",\"hop\":2,\"detail\":\"table full\"}"));
    }

    @Test
    void hangsUpPublishesAndWithdraws() {
        run("dial", "bob");

        assertThat(run("hangup", "bob").out()).endsWith("with bob (" + node.peer.shortHex() + ") is closed\n");
        assertThat(run("hangup", "bob").err()).startsWith("no session: ");
        assertThat(run("publish", "80", "localhost:8080").out())
                .isEqualTo("published localhost:8080 as port 80 for everyone\n");
        assertThat(run("publish", "80", "localhost:8080")).isEqualTo(new Result(1, "", "port taken: port 80\n"));
        assertThat(run("unpublish", "80").out()).isEqualTo("port 80 is no longer published\n");
        assertThat(run("unpublish", "80").exit()).isEqualTo(1);

        assertThat(run("publish", "53", "localhost:53", "--udp").out())
                .isEqualTo("published localhost:53 as UDP port 53 for everyone\n");
        assertThat(run("published").out()).contains("53/udp");
        assertThat(run("unpublish", "53").exit()).isEqualTo(1);
        assertThat(run("unpublish", "53", "--udp").out()).isEqualTo("UDP port 53 is no longer published\n");
    }

    @Test
    void tracesWithoutNamingRelays() {
        Result trace = run("trace", "bob", "--count", "3");

        assertThat(trace.exit()).isZero();
        assertThat(trace.out().lines())
                .containsExactly(
                        "trace to bob (" + node.peer.shortHex() + "), session cc000000-0000-0000-0000-000000000001",
                        "setup: 4 hops, 2 attempts, planned 2.00 ms, installed 41.00 ms",
                        "round trip 1: 1.25 ms",
                        "round trip 2: lost",
                        "round trip 3: 3.25 ms",
                        "2 of 3 answered, min 1.25 ms, mean 2.25 ms, max 3.25 ms");
    }

    @Test
    void explainsARouteAsATableOrAsItCame() {
        Result told = run("routes", "explain", "--to", "bob");
        String bob = "bob (" + node.peer.shortHex() + ")";

        assertThat(told.exit()).isZero();
        assertThat(told.out().lines())
                .containsExactly(
                        "to " + bob + ": 1 hops for 36000 µs",
                        "snapshot 5, 30 ms old",
                        "",
                        "TRANSPORT  FROM              TO                    COST  ROUND TRIP     LOSS     LOAD      HOP"
                                + "    DOUBT  SETTLING     BLAME",
                        "ea1c1d66   " + bob + "  " + bob + "  36.00 ms    20.00 ms  0.00 ms  0.00 ms  1.00 ms  0.00 ms"
                                + "   0.00 ms  15.00 ms",
                        "",
                        "ALSO         OVER          COST     MORE",
                        "takes turns  directly  37.00 ms  1.00 ms");
        Result json = run("routes", "explain", "--to", "bob", "--by-hops", "--json");
        assertThat(json.json().path("verdict").asString()).isEqualTo("ROUTE");
        assertThat(json.json().path("metric").asString()).isEqualTo("HOPS");
    }

    @Test
    void explainsOnlyItsOwnRoutes() {
        Result refused = run("routes", "explain", "--to", "bob", "--from", "bob");

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).startsWith("--from: this is node ");
        assertThat(run("routes", "explain").exit()).isEqualTo(2);
        assertThat(run("routes", "explain", "--help").out()).startsWith("Usage: skywire node routes explain");
    }

    @Test
    void aTraceThatNobodyAnswersDidNotHold() {
        Result trace = run("trace", node.mute.hex(), "--count", "2", "--output", "json");

        assertThat(trace.exit()).isEqualTo(1);
        assertThat(trace.json().path("round_trips_ms").toString()).isEqualTo("[null,null]");
        assertThat(trace.err()).isEqualTo("no round trip was answered\n");
    }

    @Test
    void wrongUseSaysWhatToWrite() throws Exception {
        assertThat(run().exit()).isEqualTo(2);
        assertThat(run("fly").err()).contains("'fly'");
        assertThat(run("dial").err()).contains("PEER");
        assertThat(run("dial", "nobody").exit()).isEqualTo(2);
        assertThat(run("dial", "nobody").err()).startsWith("'nobody' is no alias of this config and no key: ");
        assertThat(run("dial", "bob", "--timeout", "0").exit()).isEqualTo(2);
        assertThat(run("dial", "bob", "--timeout", "121").err()).startsWith("malformed request: deadline_ms: expected");
        assertThat(run("dial", "bob", "--min-hops", "-1").exit()).isEqualTo(2);
        assertThat(run("unpublish", "0").exit()).isEqualTo(2);
        assertThat(run("trace", "bob", "--count", "0").exit()).isEqualTo(2);
        assertThat(run("publish", "80", "8080").err()).startsWith("TARGET: an address is host:port");
        assertThat(run("dial", "bob", "-c", config.toString(), "-c", config.toString())
                        .err())
                .isEqualTo("this command is about one node: give --config once\n");
        assertThat(run("status", "-c", directory.resolve("none.yaml").toString())
                        .exit())
                .isEqualTo(2);
        assertThat(node.dials()).isEmpty();
    }

    @Test
    void aBadConfigIsToldWithLineAndKey() throws Exception {
        Files.writeString(config, Files.readString(config) + "wings: 2\n");

        Result refused = run("status");

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).startsWith(config + ":10: wings: unknown key");
    }

    @Test
    void findsItsConfigInTheEnvironment() throws Exception {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere")).resolve("n.yaml");
        Files.writeString(elsewhere, Files.readString(config).replace("api.sock", "../api.sock"));
        Files.delete(config);

        environment = Map.of("SKYWIRE_CONFIG", elsewhere.toString());
        assertThat(run("routes").exit()).isZero();

        environment = Map.of();
        assertThat(run("routes").err())
                .isEqualTo("no config: give --config FILE, set SKYWIRE_CONFIG, or write node.yaml" + " here\n");
    }

    @Test
    void saysThatNoNodeRunsAndHowToStartIt() {
        server.close();

        assertThat(run("status", "-c", config.toString()))
                .isEqualTo(new Result(
                        3,
                        "",
                        "no node runs with this config: there is no socket " + directory.resolve("api.sock")
                                + "; start it with: skywire node run -c " + config + "\n"));
    }

    @Test
    void keygenWritesTheSecretAndPrintsThePublicHalfOnly() throws Exception {
        Path file = directory.resolve("new.key");

        Result made = run("keygen", file.toString(), "--output", "json");

        KeyPair keys = KeyFile.read(file);
        assertThat(made.exit()).isZero();
        assertThat(made.json().path("public_key").asString())
                .isEqualTo(keys.publicKey().hex());
        assertThat(made.json().path("name").asString())
                .isEqualTo(keys.publicKey().base32() + ".sky");
        assertThat(made.out()).doesNotContain(keys.secret().revealHex());

        Result again = run("keygen", file.toString());
        assertThat(again.exit()).isEqualTo(3);
        assertThat(again.err()).contains("is never overwritten");
        assertThat(KeyFile.read(file).publicKey()).isEqualTo(keys.publicKey());
    }

    @Test
    void keygenWithoutAFilePrintsBothHalves() {
        JsonNode printed = run("keygen", "--output", "json").json();

        assertThat(KeyPair.of(SecretKey.parse(printed.path("secret_key").asString()))
                        .publicKey()
                        .hex())
                .isEqualTo(printed.path("public_key").asString());
    }

    @Test
    void runsUntilItsParentIsGone() throws Exception {
        KeyFile.write(directory.resolve("node.key"), KeyPair.generate(new Random(5)));
        AtomicReference<NodeConfig> started = new AtomicReference<>();
        AtomicInteger closed = new AtomicInteger();
        starter = given -> {
            started.set(given);
            return new NodeStarter.Running() {
                @Override
                public StatusView status() {
                    return node.status();
                }

                @Override
                public void close() {
                    closed.incrementAndGet();
                }
            };
        };
        input = "whatever the parent says\n";

        Result ran = run("run", "--end-with-parent");

        assertThat(ran)
                .isEqualTo(new Result(
                        0,
                        "ready node=" + node.self.hex() + " name=" + node.self.base32()
                                + ".sky listen=127.0.0.1:7777 socks=127.0.0.1:1080 api=" + directory.resolve("api.sock")
                                + "\n",
                        ""));
        assertThat(started.get().aliases()).containsKey("bob");
        assertThat(closed).hasValue(1);
    }

    @Test
    void doesNotRunWithoutAKeyOrOnAMachineThatSaysNo() throws Exception {
        Result noKey = run("run");
        assertThat(noKey.exit()).isEqualTo(2);
        assertThat(noKey.err()).startsWith(directory.resolve("node.yaml") + ":1: key_file: there is no key file");

        KeyFile.write(directory.resolve("node.key"), KeyPair.generate(new Random(5)));
        starter = given -> {
            throw new NodeStarter.StartFailedException("127.0.0.1:7777 is in use");
        };
        assertThat(run("run")).isEqualTo(new Result(3, "", "127.0.0.1:7777 is in use\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "keygen",
                "status",
                "transports",
                "routes",
                "rules",
                "sessions",
                "published",
                "dial",
                "hangup",
                "publish",
                "unpublish",
                "trace"
            })
    void everyCommandExplainsItself(String command) {
        Result help = run(command, "--help");

        assertThat(help.exit()).isZero();
        assertThat(help.out()).startsWith("Usage: skywire node " + command).hasSizeGreaterThan(150);
        assertThat(run("--help").out()).contains("  " + command + " ");
        assertThat(run(command, "--version").out()).isEqualTo(NodeVersion.current() + System.lineSeparator());
    }
}
