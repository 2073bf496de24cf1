package io.skywire.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.skywire.node.config.NodeConfig.Tls;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.node.NodeAddress;
import io.skywire.shared.node.NodeFacts.Visibility;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigFileTest {
    private static final Random SEED_7 = new Random(7);
    private static final PublicKey ALICE = KeyPair.generate(SEED_7).publicKey();
    private static final PublicKey BOB = KeyPair.generate(SEED_7).publicKey();

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void aKeyIsThere() throws Exception {
        file = directory.resolve("node.yaml");
        KeyFile.write(directory.resolve("node.key"), KeyPair.generate(new Random(8)));
    }

    private static String minimal() {
        return """
                key_file: node.key
                state_dir: state
                control_planes:
                  - {address: 127.0.0.1:9191, tls: off}
                service_keys: [%s]
                setup_keys: [%s]
                """.formatted(ALICE.hex(), BOB.hex());
    }

    @Test
    void aProfileSetsDefaultsAndTheFileWins() throws Exception {
        NodeConfig usual = read(minimal());
        NodeConfig small = read(minimal() + "profile: small-board\n");
        NodeConfig mixed = read(minimal() + "profile: small-board\ndirect_memory_mib: 48\nmax_rules: 77\n");

        assertThat(usual.directMemoryMib()).isEqualTo(128);
        assertThat(usual.maxRules()).isEqualTo(100_000);
        assertThat(small.directMemoryMib()).isEqualTo(32);
        assertThat(small.maxRules()).isEqualTo(10_000);
        assertThat(small.eventLoops()).isOne();
        assertThat(mixed.directMemoryMib()).isEqualTo(48);
        assertThat(mixed.maxRules()).isEqualTo(77);
        assertThat(problemsOf(minimal() + "profile: toaster\n")).contains("profile: expected standard or small-board");
        assertThat(problemsOf(minimal() + "direct_memory_mib: 15\n")).contains("between 16 and 65536");
    }

    @Test
    void linksAskForBbrUnlessTheConfigSaysOtherwise() throws Exception {
        assertThat(read(minimal()).congestionControl()).contains("bbr");
        assertThat(read(minimal() + "tcp_congestion_control: cubic\n").congestionControl())
                .contains("cubic");
        assertThat(read(minimal() + "tcp_congestion_control: system\n").congestionControl())
                .isEmpty();
        assertThat(problemsOf(minimal() + "tcp_congestion_control: B BR\n"))
                .contains("tcp_congestion_control")
                .contains("system or a name that the kernel knows");
    }

    @Test
    void aPortIsPublishedOnceForEachProtocol() throws Exception {
        assertThat(read(minimal()
                                + "published: [{port: 8, target: h:8}, {port: 8, protocol: udp, target: h:9}]\n")
                        .published())
                .extracting(NodeConfig.Published::protocol)
                .containsExactly(NodeConfig.Protocol.TCP, NodeConfig.Protocol.UDP);
        assertThat(problemsOf(minimal() + "published: [{port: 8, protocol: sctp, target: h:8}]\n"))
                .contains("expected tcp or udp");
    }

    @Test
    void twoRoutesAtOnceNeedStandby() throws Exception {
        assertThat(read(minimal()).standby()).isEqualTo(NodeConfig.Standby.ON);
        assertThat(read(minimal() + "routes_at_once: 1\n").standby()).isEqualTo(NodeConfig.Standby.ON);
        assertThat(read(minimal() + "routes_at_once: 2\n").standby()).isEqualTo(NodeConfig.Standby.USED);
        assertThat(problemsOf(minimal() + "standby: false\nroutes_at_once: 2\n"))
                .contains("routes_at_once")
                .contains("write standby: true");
        assertThat(problemsOf(minimal() + "routes_at_once: 3\n")).contains("between 1 and 2");
    }

    private NodeConfig read(String yaml) throws Exception {
        Files.writeString(file, yaml);
        return ConfigFile.forRunning(file);
    }

    private String problemsOf(String yaml) throws IOException {
        Files.writeString(file, yaml);
        ConfigException refused = catchThrowableOfType(ConfigException.class, () -> ConfigFile.forRunning(file));
        return refused.getMessage().replace(file.toString(), "node.yaml").replace(directory.toString(), "DIR");
    }

    @Test
    void readsEveryKey() throws Exception {
        Files.writeString(directory.resolve("ca.pem"), "pem");

        NodeConfig config = read("""
                # a comment
                key_file: node.key
                state_dir: state
                listen: "[::1]:7777"
                control_planes:
                  - {address: 127.0.0.1:9191, tls: off}
                  - address: control.example.org:443
                    tls: system
                  - {address: 10.0.0.7:443, tls: ca.pem}
                service_keys: [%1$s]
                setup_keys: [%1$s, %2$s]
                transports:
                  - {peer: %2$s, address: 127.0.0.1:7778}
                socks: 127.0.0.1:1080
                http_connect: localhost:3128
                metrics: 127.0.0.1:9464
                api_socket: run/api.sock
                event_loops: 3
                published:
                  - {port: 80, target: 127.0.0.1:8080}
                  - {port: 81, target: 127.0.0.1:8081, allow: [%1$s]}
                forwards:
                  - {listen: 127.0.0.1:9000, peer: %1$s, port: 80}
                aliases: {alice: %3$s}
                max_rules: 5000
                public: true
                announce: [node.example.org:7777, "[2001:db8::7]:7777"]
                """.formatted(ALICE.hex(), BOB.hex(), ALICE.base32()));

        assertThat(config.keyFile()).isEqualTo(directory.resolve("node.key"));
        assertThat(config.stateDir()).isEqualTo(directory.resolve("state"));
        assertThat(config.listen()).contains(new HostPort("0:0:0:0:0:0:0:1", 7777));
        assertThat(config.controlPlanes())
                .extracting(NodeConfig.ControlPlane::tls)
                .containsExactly(new Tls.Off(), new Tls.System(), new Tls.CaFile(directory.resolve("ca.pem")));
        assertThat(config.serviceKeys()).containsExactly(ALICE);
        assertThat(config.setupKeys()).containsExactlyInAnyOrder(ALICE, BOB);
        assertThat(config.transports())
                .containsExactly(new NodeConfig.Link(BOB, Optional.of(new HostPort("127.0.0.1", 7778))));
        assertThat(config.socks()).contains(new HostPort("127.0.0.1", 1080));
        assertThat(config.httpConnect()).contains(new HostPort("localhost", 3128));
        assertThat(config.metrics()).contains(new HostPort("127.0.0.1", 9464));
        assertThat(config.apiSocket()).isEqualTo(directory.resolve("run/api.sock"));
        assertThat(config.eventLoops()).isEqualTo(3);
        assertThat(config.published()).extracting(NodeConfig.Published::port).containsExactly(80, 81);
        assertThat(config.published().get(0).allow()).isEmpty();
        assertThat(config.published().get(1).allow()).contains(Set.of(ALICE));
        assertThat(config.forwards())
                .containsExactly(new NodeConfig.Forward(new HostPort("127.0.0.1", 9000), ALICE, 80));
        assertThat(config.aliases()).containsEntry("alice", ALICE);
        assertThat(config.maxRules()).isEqualTo(5000);
        assertThat(config.visibility()).isEqualTo(Visibility.PUBLIC);
        assertThat(config.announced())
                .containsExactly(new NodeAddress("node.example.org", 7777), new NodeAddress("2001:db8::7", 7777));
    }

    @Test
    void fillsInWhatIsLeftOut() throws Exception {
        NodeConfig config = read(minimal());

        assertThat(config.listen()).isEmpty();
        assertThat(config.socks()).isEmpty();
        assertThat(config.transports()).isEmpty();
        assertThat(config.apiSocket()).isEqualTo(directory.resolve("state/api.sock"));
        assertThat(config.eventLoops()).isBetween(1, 4);
        assertThat(config.maxRules()).isEqualTo(100_000);
        assertThat(config.visibility()).isEqualTo(Visibility.HIDDEN);
        assertThat(config.announced()).isEmpty();
    }

    @Test
    void makesTheStateDirectoryForItsOwnerOnlyAndOnlyForRunning() throws Exception {
        Files.writeString(file, minimal());

        ConfigFile.forAsking(file);
        assertThat(directory.resolve("state")).doesNotExist();

        ConfigFile.forRunning(file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("state"))))
                .isEqualTo("rwx------");
        assertThat(directory.resolve("state")).isEmptyDirectory();
    }

    @Test
    void takesAKeyOfDigitsOnlyAsText() throws Exception {
        String digits = "020000000000000000000000000000000000000000000000000000000000000001";

        NodeConfig config = read(minimal() + "aliases: {one: " + digits + "}\n");

        assertThat(config.aliases().get("one").hex()).isEqualTo(digits);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            sokcs: 127.0.0.1:1080                      | node.yaml:7: sokcs: unknown key; known here: aliases, announce, api_socket,
            transports: [{peer: abcdefghijkl, address: 127.0.0.1:1}] | node.yaml:7: transports[0].peer: a public key has 66 hex digits or 53 base32 letters, not 12 characters
            transports: [{peer: A}]                    | node.yaml:7: transports[0].address: missing; host:port is required
            transports: [{peer: A, address: 127.0.0.1:0}] | node.yaml:7: transports[0].address: a port lies between 1 and 65535, not 0
            transports: [{peer: A, address: h:1}, {peer: A, address: h:2}] | node.yaml:7: transports[1].peer: a link to
            messaging: {servers: 2}                    | node.yaml:7: messaging.discovery: missing; the URL of a messaging discovery is required
            messaging: {discovery: 'ftp://h'}          | node.yaml:7: messaging.discovery: a discovery is the URL of a control plane
            messaging: {discovery: 'http://h', servers: 9} | node.yaml:7: messaging.servers: servers is a whole number between 1 and 8, not
            messaging: {discovery: 'http://h', sevrers: 9} | node.yaml:7: messaging.sevrers: unknown key; known here: discovery, servers
            messaging: yes                             | node.yaml:7: messaging: expected a mapping of keys to values, not
            transports: {peer: A}                      | node.yaml:7: transports: expected a list, not a mapping
            transports: [A]                            | node.yaml:7: transports[0]: expected a mapping of keys to values, not '
            listen: 127.0.0.1                          | node.yaml:7: listen: an address is host:port, such as 127.0.0.1:7777, not '127.0.0.1'
            listen: 127.0.0.1:70000                    | node.yaml:7: listen: a port is a whole number between 0 and 65535, not '70000'
            listen: 127.0.0.1:http                     | node.yaml:7: listen: a port is a whole number between 0 and 65535, not 'http'
            listen: 127.0.0.256:80                     | node.yaml:7: listen: '127.0.0.256' is neither a host name nor an IP address
            listen: under_score:80                     | node.yaml:7: listen: 'under_score' is neither a host name nor an IP address
            listen: ::1:80                             | node.yaml:7: listen: an IPv6 address stands in brackets
            listen: '[fe80::zz]:80'                    | node.yaml:7: listen: 'fe80::zz' is not an IPv6 address
            listen: [127.0.0.1:80]                     | node.yaml:7: listen: expected one value, not a list
            listen:                                    | node.yaml:7: listen: expected one value, but nothing is written here
            socks: 0.0.0.0:1080                        | node.yaml:7: socks: must be a loopback address
            http_connect: 192.168.1.1:3128             | node.yaml:7: http_connect: must be a loopback address
            event_loops: 0                             | node.yaml:7: event_loops: event_loops is a whole number between 1 and 256, not '0'
            max_rules: many                            | node.yaml:7: max_rules: max_rules is a whole number between 1 and 10000000, not 'many'
            public: yes                                | node.yaml:7: public: expected true or false, not 'yes'
            public: true                               | node.yaml:7: public: others cannot dial a node that only dials; name in announce
            announce: [h:7777]                         | node.yaml:7: announce: only a public node announces where it is
            published: [{port: 0, target: 127.0.0.1:8}] | node.yaml:7: published[0].port: a port lies between 1 and 65535, not 0
            published: [{port: 8, target: h:8, allow: []}] | node.yaml:7: published[0].allow: nobody could connect; leave allow out
            published: [{port: 8, target: h:8, allow: [x]}] | node.yaml:7: published[0].allow[0]: a public key has
            published: [{port: 8, target: h:8}, {port: 8, target: h:9}] | node.yaml:7: published[1].port: port 8 is published above already
            forwards: [{listen: h:9, peer: A, port: x}] | node.yaml:7: forwards[0].port: a port is a whole number
            aliases: {Alice: A}                        | node.yaml:7: aliases.Alice: an alias has 1 to 52 lower-case letters
            aliases: {bob: x}                          | node.yaml:7: aliases.bob: a public key has
            aliases: [A]                               | node.yaml:7: aliases: expected a mapping of names to values, not a list
            state_dir: elsewhere                       | node.yaml:7: state_dir: duplicate key; it stands in line 2 already
            """)
    void namesLineAndKeyOfWhatIsWrong(String line, String expected) throws Exception {
        String key = line == null ? "" : line.replaceAll("\\bA\\b", ALICE.hex());

        assertThat(problemsOf(minimal() + key + "\n")).startsWith(expected).doesNotContain("\n");
    }

    @Test
    void aPublicNodeSaysWhereOthersCanDialIt() throws Exception {
        assertThat(read(minimal() + "listen: 192.0.2.7:0\npublic: true\n").announced())
                .isEmpty();
        assertThat(read(minimal() + "listen: 0.0.0.0:7777\npublic: true\nannounce: [192.0.2.7:7777]\n")
                        .announced())
                .containsExactly(new NodeAddress("192.0.2.7", 7777));
        assertThat(problemsOf(minimal() + "listen: 0.0.0.0:7777\npublic: true\n"))
                .startsWith("node.yaml:8: public: others cannot dial 0.0.0.0:7777; name in announce");
        assertThat(problemsOf(minimal() + "public: true\nannounce: [0.0.0.0:7777]\n"))
                .startsWith("node.yaml:8: announce[0]: nobody can dial '0.0.0.0'");
        assertThat(problemsOf(minimal() + "public: true\nannounce: [h:1,h:2,h:3,h:4,h:5,h:6,h:7,h:8,h:9]\n"))
                .startsWith("node.yaml:8: announce: at most 8 addresses, not 9");
    }

    @Test
    void tellsAllProblemsInTheOrderOfTheFile() throws Exception {
        String problems = problemsOf("""
                key_file: gone.key
                state_dir: state
                listen: nowhere
                control_planes:
                  - address: example.org:443
                    tls: off
                  - {tls: system}
                setup_keys: []
                wings: 2
                """);

        assertThat(problems.lines())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .isEqualTo("node.yaml:1: service_keys: missing; at least one public key that a"
                                        + " control plane proves is required"),
                        line -> assertThat(line)
                                .isEqualTo("node.yaml:1: key_file: there is no key file DIR/gone.key; make one with:"
                                        + " skywire node keygen DIR/gone.key"),
                        line -> assertThat(line).startsWith("node.yaml:3: listen: an address is host:port"),
                        line -> assertThat(line)
                                .isEqualTo("node.yaml:6: control_planes[0].tls: off is for loopback addresses only, and"
                                        + " example.org:443 is none; write system or the path of a CA file"),
                        line -> assertThat(line)
                                .isEqualTo("node.yaml:7: control_planes[1].address: missing; host:port is required"),
                        line -> assertThat(line)
                                .isEqualTo("node.yaml:8: setup_keys: expected at least one public key whose rules"
                                        + " this node obeys"),
                        line -> assertThat(line).startsWith("node.yaml:9: wings: unknown key"));
        assertThat(directory.resolve("state")).doesNotExist();
    }

    @Test
    void tellsAMisspeltKeyBesideTheOneThatIsMissing() throws Exception {
        assertThat(problemsOf(minimal() + "transports: [{peer: " + ALICE.hex() + ", adress: 127.0.0.1:1}]\n"))
                .contains("node.yaml:7: transports[0].address: missing; host:port is required")
                .contains("node.yaml:7: transports[0].adress: unknown key; known here: address, peer");
    }

    @Test
    void tellsTheLineOfBrokenYaml() throws Exception {
        assertThat(problemsOf(minimal() + "listen: [127.0.0.1:1\n")).matches("node.yaml:[78]: not valid YAML: .*");
    }

    @Test
    void refusesAliasesAndASecondDocument() throws Exception {
        assertThat(problemsOf(minimal() + "socks: &a 127.0.0.1:1080\nmetrics: *a\n"))
                .contains("node.yaml:8: metrics: YAML aliases (*name) are not used here");
        assertThat(problemsOf(minimal() + "---\nsocks: 127.0.0.1:1080\n")).contains("a config is one YAML document");
    }

    @Test
    void refusesTextThatIsNoMapping() throws Exception {
        assertThat(problemsOf("hello")).contains("node.yaml:1: a config is a mapping of keys to values, not 'hello'");
        assertThat(problemsOf("")).contains("node.yaml:1: key_file: missing");
    }

    @Test
    void tellsAMissingFile() {
        assertThat(catchThrowableOfType(
                        ConfigException.class, () -> ConfigFile.forAsking(directory.resolve("no.yaml"))))
                .hasMessage(directory.resolve("no.yaml") + ": there is no such file; name one with -c FILE");
    }

    @Test
    void refusesAKeyFileThatOthersMayRead() throws Exception {
        Files.setPosixFilePermissions(directory.resolve("node.key"), PosixFilePermissions.fromString("rw-r-----"));

        assertThat(problemsOf(minimal()))
                .isEqualTo("node.yaml:1: key_file: key file DIR/node.key has mode rw-r-----, and only its owner may"
                        + " read it; do: chmod 600 DIR/node.key");
    }

    @Test
    void refusesAKeyFileWithoutASecretKeyAndChangesNothing() throws Exception {
        Files.writeString(
                directory.resolve("node.key"),
                KeyPair.generate(new Random(9)).publicKey().hex() + "\n");

        assertThat(problemsOf(minimal()))
                .isEqualTo("node.yaml:1: key_file: key file DIR/node.key: a secret key has 64 hex digits, not 66"
                        + " characters");
        assertThat(directory.resolve("state")).doesNotExist();
    }

    @Test
    void neverRepeatsASecretKeyThatLandedInTheWrongPlace() throws Exception {
        String secret = KeyPair.generate(new Random(9)).secret().revealHex();

        assertThat(problemsOf(minimal() + "aliases: {me: " + secret + "}\n"))
                .startsWith(
                        "node.yaml:7: aliases.me: a public key has 66 hex digits or 53 base32 letters; these are 64")
                .doesNotContain(secret);
    }

    @Test
    void refusesTwoListenersAtOneAddress() throws Exception {
        assertThat(problemsOf(minimal() + "socks: 127.0.0.1:1080\nmetrics: 127.0.0.1:1080\n"))
                .isEqualTo("node.yaml:8: metrics: 127.0.0.1:1080 is used by socks already");
    }

    @Test
    void refusesASocketPathThatTheKernelWouldCut() throws Exception {
        String longest =
                "s".repeat(ConfigFile.LONGEST_SOCKET_PATH - directory.toString().length() - 1);

        assertThat(read(minimal() + "api_socket: " + longest + "\n").apiSocket().toString())
                .hasSize(107);
        assertThat(problemsOf(minimal() + "api_socket: " + longest + "s\n"))
                .startsWith("node.yaml:7: api_socket: the path of a Unix socket has at most 107 bytes")
                .contains("has 108");
        assertThat(problemsOf(minimal().replace("state_dir: state", "state_dir: " + longest)))
                .startsWith("node.yaml:1: api_socket: the path of a Unix socket has at most 107 bytes");
    }

    @Test
    void refusesAStateDirectoryThatCannotBeMade() throws Exception {
        Files.writeString(directory.resolve("state"), "a file");

        assertThat(problemsOf(minimal())).startsWith("node.yaml:2: state_dir: cannot write to DIR/state: ");
    }

    @Test
    void refusesACaFileThatIsNotThere() throws Exception {
        assertThat(problemsOf(minimal().replace("tls: off", "tls: ca.pem")))
                .isEqualTo(
                        "node.yaml:3: control_planes: tls of 127.0.0.1:9191: expected off, system or the path of a CA"
                                + " file, and there is no readable file DIR/ca.pem");
    }

    @Test
    void refusesAFileOfAnotherSize() throws Exception {
        assertThat(problemsOf(minimal() + "# " + "x".repeat(1 << 20)))
                .isEqualTo("node.yaml: a config has at most 1048576 bytes");
    }

    @Test
    void aNeighbourWithoutAnAddressIsLinkedThroughMessaging() throws Exception {
        Path file = Files.writeString(
                directory.resolve("node.yaml"),
                minimal() + "messaging: {discovery: 'https://control.example.org'}\ntransports: [{peer: " + ALICE.hex()
                        + "}]\n");

        NodeConfig config = ConfigFile.forAsking(file);

        assertThat(config.messaging()).contains(new NodeConfig.Messaging(URI.create("https://control.example.org"), 2));
        assertThat(config.transports()).containsExactly(new NodeConfig.Link(ALICE, Optional.empty()));
    }
}
