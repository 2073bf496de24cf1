package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.skywire.shared.key.PublicKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The commands of `docs/operations` against a network that runs and logs JSON, and what that log tells of a setup.
@Timeout(480)
class OperationsDocsIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path PAGES = ROOT.resolve("docs").resolve("operations");
    private static final String USUAL_DOOR = "http://127.0.0.1:8181";
    private static final Duration LINE = Duration.ofSeconds(60);

    /// What takes long or stays: only looked at whether it can be understood.
    private static final Set<String> LONG = Set.of("up", "demo", "drill", "bench", "control-plane", "conformance");

    private static final Set<String> KINDS = Set.of("sh", "sh cluster", "sh host", "sql", "yaml", "json", "text");

    @TempDir
    private static Path directory;

    private static StateDirectory state;
    private static LocalNetwork network;

    private record Fence(Path page, int line, String kind, List<String> lines) {
        String at() {
            return page.getFileName() + ":" + line;
        }
    }

    @BeforeAll
    static void aNetwork() {
        state = StateDirectory.open(
                directory.resolve("s"), Path.of("target", "postgres-binaries"), StateDirectory.NEEDED_BYTES);
        network = new LocalNetwork(Installation.at(ROOT), state, Shape.twoWays());
        network.logJson();
        network.start(LocalNetwork.Offer.WEB_SERVER, Progress.quiet());
    }

    @AfterAll
    static void end() {
        network.close();
    }

    @Test
    void everyBlockOfCommandsSaysWhatItNeeds() {
        List<Fence> fences = fences();

        assertThat(fences).extracting(Fence::kind).contains("sh", "sql", "sh cluster", "sh host");
        assertThat(fences).allSatisfy(fence -> assertThat(KINDS).as(fence.at()).contains(fence.kind()));
    }

    @Test
    void commandsOnThePagesWork() {
        List<String> failures = new ArrayList<>();
        int run = 0;
        for (Fence fence : fences()) {
            if (fence.kind().equals("sh")) {
                for (String line : fence.lines()) {
                    run++;
                    outcome(line).ifPresent(why -> failures.add(fence.at() + ": " + line + "\n  " + why));
                }
            }
        }

        assertThat(failures).isEmpty();
        assertThat(run).isPositive();
    }

    /// Metrics and readiness have a port of their own on Kubernetes, which is not so here.
    @Test
    void whatRunbooksTellToAskIsAnswered() throws IOException, SQLException {
        List<String> failures = new ArrayList<>();
        Set<String> asked = new TreeSet<>();
        try (Stream<Path> pages = Files.list(ROOT.resolve("docs/runbooks"));
                Connection connection = network.database().connect()) {
            for (Path page : pages.sorted().toList()) {
                for (String command : inline(Files.readString(page))) {
                    if (command.startsWith("curl ")) {
                        asked.add("curl");
                        outcome(command.replace("curl -s ", "curl -fsS ").replace(":8182/", ":8181/"))
                                .ifPresent(why -> failures.add(page.getFileName() + ": " + command + "\n  " + why));
                    } else if (command.startsWith("SELECT ")) {
                        asked.add("SELECT");
                        try (Statement statement = connection.createStatement()) {
                            statement.execute(command);
                        } catch (SQLException wrong) {
                            failures.add(page.getFileName() + ": " + command + "\n  " + wrong.getMessage());
                        }
                    }
                }
            }
        }

        assertThat(failures).isEmpty();
        assertThat(asked).containsExactly("SELECT", "curl");
    }

    private static List<String> inline(String page) {
        return Pattern.compile("`([^`]+)`")
                .matcher(page.replaceAll("\\s+", " "))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    @Test
    void statementsOnThePagesFitTheSchema() throws SQLException {
        try (Connection connection = network.database().connect()) {
            connection.setAutoCommit(false);
            for (Fence fence : fences()) {
                if (fence.kind().equals("sql")) {
                    try (Statement statement = connection.createStatement()) {
                        statement.execute(String.join("\n", fence.lines()));
                    } catch (SQLException wrong) {
                        fail(fence.at() + ": " + wrong.getMessage());
                    }
                    connection.rollback();
                }
            }
        }
    }

    /// Nothing: the line does what it says.
    private static Optional<String> outcome(String line) {
        Matcher launcher = Pattern.compile("^\\./skywire ([a-z-]+)(.*)").matcher(line);
        if (launcher.matches() && LONG.contains(launcher.group(1))) {
            return misunderstood((launcher.group(1) + launcher.group(2)).strip());
        }
        String real = line.replace(USUAL_DOOR, network.controlPlane().http("").toString());
        List<String> command = List.of(
                "env",
                "SKYWIRE_STATE=" + state.root(),
                "JAVA_HOME=" + System.getProperty("java.home"),
                "bash",
                "-o",
                "pipefail",
                "-c",
                "PATH=" + ROOT + ":$PATH; "
                        + real.replace("./skywire", ROOT.resolve("skywire").toString()));
        ChildProcess.Outcome outcome = ChildProcess.run(command, directory, LINE);
        return outcome.succeeded()
                ? Optional.empty()
                : Optional.of("ended with " + outcome.code() + ": " + outcome.said());
    }

    private static Optional<String> misunderstood(String arguments) {
        try {
            CommandLine.ParseResult parsed = new CommandLine(new LocalMain()).parseArgs(arguments.split("\\s+", -1));
            List<String> unknown = new ArrayList<>(parsed.unmatched());
            while (parsed.hasSubcommand()) {
                parsed = parsed.subcommand();
                unknown.addAll(parsed.unmatched());
            }
            return unknown.isEmpty() ? Optional.empty() : Optional.of("unknown: " + unknown);
        } catch (CommandLine.ParameterException wrong) {
            return Optional.of(String.valueOf(wrong.getMessage()));
        }
    }

    @Test
    void refusesACommandThatDoesNotExist() {
        assertThat(outcome("./skywire drill upgrade --no-such-option")).isPresent();
        assertThat(outcome("./skywire node no-such-command")).isPresent();
        assertThat(outcome("curl -fsS http://127.0.0.1:8181/no-such-page")).isPresent();
    }

    @Test
    void oneSetupCarriesOneRouteIdThroughTheLogsOfAllWhoMayKnowIt() {
        PublicKey to = network.node(LocalNetwork.SERVER).key();
        assertThat(Patience.until(
                        LINE, () -> network.node("n1").command("dial", to.hex()).succeeded()))
                .isTrue();

        List<JsonNode> atInitiator = lines("n1");
        JsonNode asked = atInitiator.stream()
                .filter(line -> line.path("message").asString("").startsWith("route established"))
                .findFirst()
                .orElseThrow();
        String request = asked.path("request_id").asString("");
        String route = asked.path("route_id").asString("");
        List<JsonNode> atControlPlane = with(lines("control-plane"), "request_id", request);
        assertThat(atControlPlane)
                .anySatisfy(
                        line -> assertThat(line.path("message").asString("")).isEqualTo("route established"))
                .allSatisfy(
                        line -> assertThat(line.path("route_id").asString("")).isEqualTo(route));
        assertThat(with(lines(LocalNetwork.SERVER), "route_id", route))
                .anySatisfy(line -> assertThat(line.path("message").asString(""))
                        .isEqualTo("the rules of a route that ends here are installed"));

        // Relays do not know it: theirs is told by the revision that the control plane's line names beside it (I1).
        Set<String> relays = new TreeSet<>();
        for (NodeProcess node : network.nodes()) {
            String name = node.name();
            if (!name.equals("n1") && !name.equals(LocalNetwork.SERVER)) {
                assertThat(network.state().log(name)).content().doesNotContain(route, request);
                atControlPlane.stream()
                        .filter(line ->
                                line.path("node").asString("").equals(node.key().shortHex()))
                        .filter(line -> lines(name).stream()
                                .anyMatch(
                                        one -> one.path("message").asString("").equals("a rule delta is applied")
                                                && one.path("revision").asLong(-1)
                                                        == line.path("revision").asLong(-2)))
                        .forEach(line -> relays.add(name));
            }
        }
        long hops = asked.path("hops").asLong(0);
        assertThat(relays).hasSize((int) hops - 1);
    }

    @Test
    void noLogHoldsASecretKey() throws IOException {
        List<String> secrets = new ArrayList<>();
        try (Stream<Path> files = Files.walk(state.root())) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".key")).toList()) {
                secrets.add(Files.readString(file).strip().toLowerCase(Locale.ROOT));
            }
        }
        assertThat(secrets).hasSizeGreaterThan(2);
        for (ChildProcess child : network.children()) {
            String log = String.join("\n", child.lines()).toLowerCase(Locale.ROOT);
            assertThat(secrets).as(child.name()).noneMatch(log::contains);
        }
    }

    private static List<JsonNode> with(List<JsonNode> lines, String field, String value) {
        return lines.stream()
                .filter(line -> line.path(field).asString("").equals(value))
                .toList();
    }

    /// Every line of that log, which is JSON but for the one that says to a person that the node is ready.
    private static List<JsonNode> lines(String name) {
        try {
            return Files.readAllLines(network.state().log(name)).stream()
                    .filter(line -> !line.startsWith("ready node="))
                    .map(JSON::readTree)
                    .toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static List<Fence> fences() {
        List<Fence> fences = new ArrayList<>();
        try (Stream<Path> pages = Files.list(PAGES)) {
            for (Path page :
                    pages.filter(one -> one.toString().endsWith(".md")).sorted().toList()) {
                collect(page, Files.readAllLines(page), fences);
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return fences;
    }

    private static void collect(Path page, List<String> lines, List<Fence> fences) {
        for (int at = 0; at < lines.size(); at++) {
            String line = lines.get(at);
            if (line.startsWith("```")) {
                int end = at + 1;
                while (end < lines.size() && !lines.get(end).startsWith("```")) {
                    end++;
                }
                fences.add(new Fence(
                        page,
                        at + 1,
                        line.substring(3).strip(),
                        lines.subList(at + 1, end).stream()
                                .filter(one -> !one.isBlank())
                                .toList()));
                at = end;
            }
        }
    }
}
