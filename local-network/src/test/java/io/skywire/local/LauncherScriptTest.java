package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The script `skywire` in a checkout of its own, where `java` and `mvn` only say how they were called.
class LauncherScriptTest {
    private static final List<String> MODULES =
            List.of("shared-proto", "control-plane", "data-plane-node", "local-network", "benchmarks");

    @TempDir
    private Path home;

    private Path root;
    private Path jdk;
    private Path bin;

    @BeforeEach
    void makeCheckout() throws IOException {
        root = Files.createDirectories(home.resolve("checkout with space"));
        script(
                root.resolve("skywire"),
                Files.readString(Path.of("..", "skywire").toAbsolutePath()));
        Files.createDirectories(root.resolve("db/migrations"));
        Files.writeString(root.resolve("pom.xml"), "<project/>");
        for (String module : MODULES) {
            Files.createDirectories(root.resolve(module).resolve("src/main"));
            Files.writeString(root.resolve(module).resolve("pom.xml"), "<project/>");
            Files.writeString(root.resolve(module).resolve("src/main/Some.java"), "class Some {}");
        }
        jdk = jdk("jdk", "25.0.3");
        bin = Files.createDirectories(home.resolve("bin"));
        script(
                bin.resolve("mvn"),
                "#!/bin/sh\necho \"$@\" >> '" + home + "/mvn.calls'\nfor m in " + String.join(" ", MODULES)
                        + "; do mkdir -p $m/target/lib; touch $m/target/$m-0.1.0-SNAPSHOT.jar; done\n"
                        + "touch local-network/target/local-network-0.1.0-SNAPSHOT-tests.jar\n"
                        + "case \"$*\" in *-Ppackage*) mkdir -p node-package/target;"
                        + " touch node-package/target/skywire-node-1-linux.tar.gz;; esac\n"
                        + "echo 'said by the build'\nexit ${MVN_CODE:-0}\n");
    }

    @Test
    void buildsOnceAndRunsTheCommandWithItsArguments() throws IOException {
        ChildProcess.Outcome first = run("demo", "--scenario", "first route", "--json");
        ChildProcess.Outcome second = run("up");

        assertThat(first.code()).isZero();
        assertThat(first.out().lines())
                .contains("io.skywire.local.LocalMain", "demo", "--scenario", "first route", "--json")
                .contains("-Dskywire.root=" + root, "-Dskywire.terminal=false");
        assertThat(first.out())
                .contains("/local-network/target/local-network-0.1.0-SNAPSHOT.jar:")
                .doesNotContain("-tests.jar");
        assertThat(first.err()).isEmpty();
        assertThat(second.code()).isZero();
        assertThat(mavenCalls()).hasSize(1).first().asString().contains("-DskipTests", "package");
        assertThat(root.resolve(".skywire/logs/build.log")).hasContent("said by the build");
    }

    @Test
    void buildsAgainWhenASourceIsNewer() throws IOException {
        run("up");
        touchLater(root.resolve("data-plane-node/src/main/Some.java"));

        run("up");

        assertThat(mavenCalls()).hasSize(2);
    }

    @Test
    void packagesTheAgentWhenItsJarIsNewerAndSaysWhere() throws IOException {
        Files.createDirectories(root.resolve("node-package/src/main"));
        Files.writeString(root.resolve("node-package/pom.xml"), "<project/>");
        Path archive = root.resolve("node-package/target/skywire-node-1-linux.tar.gz");

        ChildProcess.Outcome first = run("package");
        touchLater(archive);
        ChildProcess.Outcome second = run("package");
        run("bench", "footprint");

        assertThat(first.code()).isZero();
        assertThat(first.out()).isEqualTo(archive.toString());
        assertThat(second.out()).isEqualTo(archive.toString());
        assertThat(mavenCalls().stream().filter(call -> call.contains("-Ppackage")))
                .singleElement()
                .asString()
                .contains("-DskipTests", "-pl node-package -am");
    }

    @Test
    void doesNotExchangeJarsUnderARunningNetwork() throws IOException {
        run("up");
        Files.createDirectories(root.resolve(".skywire/run"));
        Files.writeString(
                root.resolve(".skywire/run/launcher.pid"),
                ProcessHandle.current().pid() + " 0\n");
        touchLater(root.resolve("data-plane-node/src/main/Some.java"));

        assertThat(run("node", "status").code()).isZero();

        assertThat(mavenCalls()).hasSize(1);
    }

    @Test
    void namesTheLogOfABuildThatFailed() {
        ChildProcess.Outcome outcome = run(Map.of("MVN_CODE", "1"), "up");

        assertThat(outcome.code()).isEqualTo(3);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err().lines())
                .singleElement()
                .asString()
                .contains("the build failed", root + "/.skywire/logs/build.log");
        assertThat(run("up").code()).as("a failed build does not count as one").isZero();
    }

    @Test
    void saysInOneLineThatMavenIsMissing() throws IOException {
        Files.delete(bin.resolve("mvn"));

        ChildProcess.Outcome outcome = run("up");

        assertThat(outcome.code()).isEqualTo(3);
        assertThat(outcome.err().lines()).singleElement().asString().contains("Maven");
    }

    @Test
    void saysInOneLineThatJdk25IsMissing() throws IOException {
        Path old = jdk("old", "17.0.1");

        ChildProcess.Outcome outcome = run(Map.of("JAVA_HOME", old.toString()), "up");

        assertThat(outcome.code()).isEqualTo(3);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err().lines()).singleElement().asString().contains("JDK 25 was not found");
    }

    @Test
    void findsAJdkWhereSystemsKeepThem() throws IOException {
        Path jvms = Files.createDirectories(home.resolve("jvms"));
        Files.move(jdk("a", "17.0.1"), jvms.resolve("a-17"));
        Files.move(jdk("b", "25"), jvms.resolve("b-25-amd64"));

        ChildProcess.Outcome outcome = run(Map.of("JAVA_HOME", "", "SKYWIRE_JVM_DIRS", jvms.toString()), "up");

        assertThat(outcome.code()).isZero();
        assertThat(outcome.out()).startsWith(jvms.resolve("b-25-amd64").toString());
    }

    @Test
    void findsAJdkOnThePath() throws IOException {
        Files.createSymbolicLink(bin.resolve("java"), jdk.resolve("bin/java"));

        assertThat(run(Map.of("JAVA_HOME", ""), "up").code()).isZero();
    }

    @Test
    void worksThroughASymbolicLinkFromAnywhere() throws IOException {
        Path link = home.resolve("sky");
        Files.createSymbolicLink(link, root.resolve("skywire"));

        ChildProcess.Outcome outcome = run(link, Path.of("/"), Map.of(), "up");

        assertThat(outcome.code()).isZero();
        assertThat(outcome.out()).contains("-Dskywire.root=" + root);
    }

    @Test
    void tellsWrongUseApart() {
        assertThat(run("nonsense").code()).isEqualTo(2);
        assertThat(run().code()).isEqualTo(2);
        assertThat(run("--help").code()).isZero();
        assertThat(run("node", "status", "--node", "nobody").code()).isEqualTo(2);
    }

    @Test
    void givesAReadOnlyCommandTheConfigsOfAllNodes() throws IOException {
        Path one = config("n1");
        Path two = config("n2");

        assertThat(node("status", "--output", "json"))
                .containsExactly("status", "--config", one.toString(), "--config", two.toString(), "--output", "json");
        assertThat(node("rules", "--node", "n2")).containsExactly("rules", "--config", two.toString());
        assertThat(node("--node=n2", "routes")).containsExactly("routes", "--config", two.toString());
    }

    @Test
    void givesOtherCommandsTheFirstNode() throws IOException {
        Path one = config("n1");
        Path two = config("n2");

        assertThat(node("dial", "KEY", "--via", "A,B"))
                .containsExactly("dial", "--config", one.toString(), "KEY", "--via", "A,B");
        assertThat(node("trace", "KEY", "--node", "n2")).containsExactly("trace", "--config", two.toString(), "KEY");
    }

    @Test
    void leavesAloneWhatNamesItsConfigOrNeedsNone() throws IOException {
        config("n1");

        assertThat(node("status", "-c", "mine.yaml")).containsExactly("status", "-c", "mine.yaml");
        assertThat(node("run", "--config=mine.yaml")).containsExactly("run", "--config=mine.yaml");
        assertThat(node("keygen", "key")).containsExactly("keygen", "key");
        assertThat(node("--help")).containsExactly("--help");
    }

    private List<String> node(String... arguments) {
        List<String> line = new ArrayList<>(List.of("node"));
        line.addAll(List.of(arguments));
        ChildProcess.Outcome outcome = run(line.toArray(String[]::new));
        assertThat(outcome.code()).as(outcome.err()).isZero();
        List<String> said = outcome.out().lines().toList();
        return said.subList(said.indexOf("io.skywire.node.cli.NodeMain") + 1, said.size());
    }

    private Path config(String name) throws IOException {
        Path directory = Files.createDirectories(root.resolve(".skywire/nodes").resolve(name));
        return Files.writeString(directory.resolve("node.yaml"), "{}");
    }

    private Path jdk(String name, String version) throws IOException {
        Path directory =
                Files.createDirectories(home.resolve(name).resolve("bin")).getParent();
        Files.writeString(directory.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        script(directory.resolve("bin/java"), "#!/bin/sh\necho \"$0\"\nfor a in \"$@\"; do echo \"$a\"; done\n");
        return directory;
    }

    private ChildProcess.Outcome run(String... arguments) {
        return run(Map.of(), arguments);
    }

    private ChildProcess.Outcome run(Map<String, String> environment, String... arguments) {
        return run(root.resolve("skywire"), home, environment, arguments);
    }

    private ChildProcess.Outcome run(
            Path script, Path directory, Map<String, String> environment, String... arguments) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("PATH", bin + ":" + tools());
        all.put("HOME", home.toString());
        all.put("JAVA_HOME", jdk.toString());
        all.put("SKYWIRE_JVM_DIRS", home.resolve("nothing").toString());
        all.putAll(environment);
        List<String> line = new ArrayList<>(List.of("env", "-i"));
        all.forEach((name, value) -> line.add(name + "=" + value));
        line.add(script.toString());
        line.addAll(List.of(arguments));
        return ChildProcess.run(line, directory, Duration.ofSeconds(60));
    }

    /// The machine's basic tools, without its Java and Maven.
    private Path tools() {
        Path tools = Path.of("target", "launcher-tools").toAbsolutePath();
        try {
            if (!Files.exists(tools)) {
                Files.createDirectories(tools);
                for (String tool : List.of(
                        "bash",
                        "sh",
                        "env",
                        "dirname",
                        "readlink",
                        "grep",
                        "find",
                        "head",
                        "cat",
                        "mkdir",
                        "touch",
                        "mv",
                        "flock")) {
                    Files.createSymbolicLink(
                            tools.resolve(tool), Programs.find(tool).orElseThrow());
                }
            }
            return tools;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private List<String> mavenCalls() throws IOException {
        return Files.readAllLines(home.resolve("mvn.calls"));
    }

    private static void touchLater(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(60)));
    }

    private static void script(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
