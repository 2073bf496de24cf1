package io.skywire.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.node.api.FakeNode;
import io.skywire.node.api.StatusView;
import io.skywire.node.config.KeyFile;
import io.skywire.shared.key.KeyPair;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/// `run` as a process of its own: signals, the parent's end, and what goes to which stream.
@Timeout(180)
class RunProcessTest {
    @TempDir
    Path directory;

    private Process process;
    private BufferedReader out;

    /// The program of the child process: the real command line around a node that only logs.
    public static final class Program {
        public static void main(String[] arguments) {
            System.exit(NodeMain.commandLine(Terminal.ofProcess(new SecureRandom()), config -> {
                        LoggerFactory.getLogger(Program.class)
                                .info("starting", new IllegalStateException("for the log"));
                        return new Quiet(new FakeNode(config.apiSocket(), 1));
                    })
                    .execute(arguments));
        }

        private record Quiet(FakeNode node) implements NodeStarter.Running {
            @Override
            public StatusView status() {
                return node.status();
            }

            @Override
            public void close() {
                System.out.println("closed");
            }
        }
    }

    @BeforeEach
    void aConfig() throws Exception {
        String key = KeyPair.generate(new Random(3)).publicKey().hex();
        KeyFile.write(directory.resolve("node.key"), KeyPair.generate(new Random(4)));
        Files.writeString(directory.resolve("node.yaml"), """
                key_file: node.key
                state_dir: state
                control_planes: [{address: 127.0.0.1:9191, tls: off}]
                service_keys: [%1$s]
                setup_keys: [%1$s]
                """.formatted(key));
    }

    @AfterEach
    void stop() throws Exception {
        process.destroyForcibly();
        Files.deleteIfExists(directory.resolve("classes/io")); // JUnit warns of links that lead elsewhere
    }

    private void start(String... options) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                withoutTheTestsLogging(),
                Program.class.getName(),
                "run",
                "-c",
                directory.resolve("node.yaml").toString());
        builder.command().addAll(List.of(options));
        process = builder.redirectError(directory.resolve("err").toFile()).start();
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        assertThat(out.readLine()).startsWith("ready node=");
    }

    /// The tests' class path without their `logback-test.xml`, which would say how the program logs; with their
    /// classes, of which the program is one.
    private String withoutTheTestsLogging() throws Exception {
        Path tests = Path.of(Program.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path classes = Files.createDirectory(directory.resolve("classes"));
        Files.createSymbolicLink(classes.resolve("io"), tests.resolve("io"));
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).equals(tests) ? classes.toString() : entry)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private void endsGracefully() throws Exception {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(out.readLine()).isEqualTo("closed");
        assertThat(out.readLine()).isNull();
        assertThat(process.exitValue()).isZero();
    }

    @Test
    void sigtermEndsItGracefully() throws Exception {
        start();

        process.toHandle().destroy(); // Process.destroy would close the streams under the reader

        endsGracefully();
        assertThat(Files.readAllLines(directory.resolve("err")))
                .singleElement()
                .asString()
                .contains(" INFO ", "starting", "IllegalStateException: for the log | at ");
    }

    @Test
    void theEndOfItsParentEndsItAndLogsCanBeJson() throws Exception {
        start("--end-with-parent", "--json-log", "--log-level", "debug");

        process.getOutputStream().close();

        endsGracefully();
        assertThat(Files.readAllLines(directory.resolve("err")))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(
                                new JsonMapper().readTree(line).path("level").asString())
                        .isNotEmpty());
    }
}
