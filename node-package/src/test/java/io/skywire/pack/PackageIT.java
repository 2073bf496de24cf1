package io.skywire.pack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The package as a node operator gets it, unpacked somewhere else than it was made.
@Timeout(300)
class PackageIT {
    private static final long MOST_BYTES = 60L << 20;

    private final Path archive = Path.of(System.getProperty("skywire.package"));
    private final List<Process> running = new ArrayList<>();

    @TempDir
    private Path directory;

    @BeforeEach
    void unpack() throws Exception {
        Path home = Files.createDirectory(directory.resolve("agent"));
        Process tar = new ProcessBuilder(
                        "tar", "-xzf", archive.toString(), "--strip-components=1", "-C", home.toString())
                .inheritIO()
                .start();
        assertThat(tar.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(tar.exitValue()).isZero();
    }

    @AfterEach
    void stop() {
        running.forEach(Process::destroyForcibly);
    }

    @Test
    void runsWithNothingButItselfAndAnswersItsOwnCommands() throws Exception {
        assertThat(Files.size(archive)).isLessThan(MOST_BYTES);
        String key = firstKey(say(agent("", "keygen", "node.key")));
        config(key, "profile: small-board # of all boards\n");

        Process node = agent("-XX:+PrintCommandLineFlags", "run", "--config", "node.yaml");
        BufferedReader said = node.inputReader(StandardCharsets.UTF_8);
        String flags = line(said, "-XX:");
        String ready = line(said, "ready ");
        String status = say(agent("", "status", "--config", "node.yaml", "--output", "json"));

        assertThat(flags).contains("-XX:MaxHeapSize=67108864", "-XX:+UseSerialGC");
        assertThat(ready).contains("node=" + key);
        assertThat(status).contains(key);
        node.destroy();
        assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(node.exitValue()).isZero();
    }

    @Test
    void theArchiveOfClassesFitsWhatWasUnpacked() throws Exception {
        String key = firstKey(say(agent("", "keygen", "node.key")));
        config(key, "");

        Process node = agent("-XX:AOTMode=on", "run", "--config", "node.yaml"); // ends at once if it does not fit

        assertThat(line(node.inputReader(StandardCharsets.UTF_8), "ready ")).contains("node=" + key);
    }

    @Test
    void itsJarsNameNoSingleFileInTheirManifests() throws Exception {
        int manifests = 0;
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(directory.resolve("agent/lib"), "*.jar")) {
            for (Path jar : jars) {
                try (JarFile file = new JarFile(jar.toFile())) {
                    Manifest manifest = file.getManifest();
                    if (manifest != null) {
                        manifests++;
                        assertThat(manifest.getEntries()).as(jar.toString()).isEmpty();
                    }
                }
            }
        }

        assertThat(manifests).isGreaterThan(10);
    }

    private void config(String key, String more) throws IOException {
        Files.writeString(directory.resolve("node.yaml"), """
                key_file: node.key
                state_dir: state
                listen: 127.0.0.1:0
                control_planes: [{address: '127.0.0.1:1', tls: off}]
                service_keys: [%1$s]
                setup_keys: [%1$s]
                """.formatted(key) + more);
    }

    private static String firstKey(String text) {
        return text.replaceAll("(?s).*public_key ([0-9a-f]{66}).*", "$1");
    }

    private Process agent(String options, String... command) throws IOException {
        List<String> line = new ArrayList<>();
        line.add(directory.resolve("agent/bin/skywire-node").toString());
        line.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(directory.toFile())
                .redirectError(directory.resolve("errors").toFile());
        builder.environment().put("SKYWIRE_JAVA_OPTIONS", options);
        Process process = builder.start();
        running.add(process);
        return process;
    }

    private String say(Process process) throws Exception {
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(errors()).isZero();
        return said;
    }

    /// The first line of its output that begins like that.
    private String line(BufferedReader out, String beginning) throws IOException {
        StringBuilder before = new StringBuilder();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(beginning)) {
                return line;
            }
            before.append(line).append('\n');
        }
        throw new AssertionError("it ended before it said '" + beginning + "'; it said: " + before + errors());
    }

    private String errors() throws IOException {
        return Files.readString(directory.resolve("errors"));
    }
}
