package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    private Path home;

    private StateDirectory state;

    @BeforeEach
    void open() {
        state = StateDirectory.open(home);
    }

    @AfterEach
    void close() {
        state.close();
    }

    @Test
    void endsAllAndForgetsTheirRecords() {
        List<ChildProcess> children = List.of(start("one", "exec sleep 60"), start("two", "exec sleep 60"));
        assertThat(children).allMatch(ChildProcess::isAlive);

        ChildProcess.endAll(children, SOON);

        assertThat(children).noneMatch(ChildProcess::isAlive);
        assertThat(state.run().resolve("one.pid")).doesNotExist();
    }

    @Test
    void endsByForceWhatDoesNotListen() {
        ChildProcess deaf = start("deaf", "trap '' TERM; echo deaf; while :; do sleep 1; done");
        assertThat(Patience.until(SOON, () -> deaf.lines().contains("deaf"))).isTrue();

        ChildProcess.endAll(List.of(deaf), Duration.ofMillis(200));

        assertThat(deaf.isAlive()).isFalse();
    }

    @Test
    void closesStandardInputWhenItEnds() {
        ChildProcess reader = start("reader", "trap '' TERM; echo there; cat; echo gone");
        assertThat(Patience.until(SOON, () -> reader.lines().contains("there"))).isTrue();

        ChildProcess.endAll(List.of(reader), SOON);

        assertThat(reader.lines()).contains("gone");
    }

    @Test
    void tellsTheEndOfTheLogOfAProcessThatDied() {
        ChildProcess died = start("died", "for i in $(seq 30); do echo line $i; done; exit 7");
        assertThat(Patience.until(SOON, () -> !died.isAlive())).isTrue();

        assertThatThrownBy(died::requireAlive)
                .isInstanceOf(NetworkFailure.class)
                .hasMessageContaining("died ended with code 7")
                .hasMessageContaining(died.log().toString())
                .hasMessageContaining("line 30")
                .message()
                .doesNotContain("line 5\n");
    }

    @Test
    void keepsTheLogOfTheRunBefore() throws IOException {
        ChildProcess first = start("n1", "echo first");
        assertThat(Patience.until(SOON, () -> !first.isAlive())).isTrue();
        ChildProcess second = start("n1", "echo second");
        assertThat(Patience.until(SOON, () -> !second.isAlive())).isTrue();

        assertThat(second.log()).hasContent("second");
        assertThat(state.log("n1").resolveSibling("n1.log.1")).hasContent("first");
    }

    @Test
    void theNextStartEndsWhatAKilledLauncherLeft() {
        ChildProcess orphan = start("orphan", "exec sleep 60");
        state.close();

        state = StateDirectory.open(home);

        assertThat(Patience.until(SOON, () -> !orphan.isAlive())).isTrue();
        assertThat(state.run().resolve("orphan.pid")).doesNotExist();
    }

    @Test
    void leavesAProcessAloneThatOnlyHasTheRecordedPid() throws IOException {
        ChildProcess other = start("other", "exec sleep 60");
        Files.writeString(state.run().resolve("other.pid"), other.pid() + " 12345\n");
        Files.writeString(state.run().resolve("damaged.pid"), "nonsense");

        assertThat(Leftovers.end(state.run())).isZero();

        assertThat(other.isAlive()).isTrue();
        other.crash();
        assertThat(other.isAlive()).isFalse();
    }

    @Test
    void oneStateDirectoryServesOneLauncher() {
        assertThatThrownBy(() -> StateDirectory.open(home))
                .isInstanceOf(MachineLacks.class)
                .hasMessageContaining("pid " + ProcessHandle.current().pid())
                .hasMessageContaining(home.toString());
    }

    @Test
    void saysThatTheDiskIsTooFull() {
        assertThatThrownBy(() -> StateDirectory.open(home.resolve("other"), home.resolve("binaries"), Long.MAX_VALUE))
                .isInstanceOf(MachineLacks.class)
                .hasMessageContaining("the disk is full");
    }

    @Test
    void saysThatAStateDirectoryCannotBeMade() throws IOException {
        Path file = Files.writeString(home.resolve("file"), "no directory");

        assertThatThrownBy(() -> StateDirectory.open(file))
                .isInstanceOf(MachineLacks.class)
                .hasMessageContaining("cannot write to " + file);
    }

    @Test
    void aCommandThatDoesNotAnswerIsEnded() {
        assertThatThrownBy(() -> ChildProcess.run(List.of("sleep", "60"), home, Duration.ofMillis(100)))
                .isInstanceOf(NetworkFailure.class)
                .hasMessageContaining("no answer within");
    }

    @Test
    void aWrappedMainEndsWithItsParent() throws Exception {
        Process wrapped = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        EndsWithParent.class.getName(),
                        Forever.class.getName(),
                        "argument")
                .start();
        try {
            assertThat(wrapped.inputReader().readLine()).isEqualTo("argument");
            assertThat(wrapped.isAlive()).isTrue();

            wrapped.getOutputStream().close();

            assertThat(wrapped.waitFor(30, java.util.concurrent.TimeUnit.SECONDS))
                    .isTrue();
        } finally {
            wrapped.destroyForcibly();
        }
    }

    static final class Forever {
        public static void main(String[] arguments) throws InterruptedException {
            System.out.println(arguments[0]);
            new java.util.concurrent.CountDownLatch(1).await();
        }
    }

    private ChildProcess start(String name, String script) {
        return ChildProcess.start(name, List.of("sh", "-c", script), state);
    }
}
