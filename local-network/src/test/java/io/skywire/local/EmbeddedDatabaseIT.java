package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real PostgreSQL over a directory that outlives it.
class EmbeddedDatabaseIT {
    @TempDir
    private Path home;

    private int port;

    @BeforeEach
    void choosePort() {
        port = PortBook.open(home.resolve("ports.properties"), new Random()).port("postgres");
    }

    @Test
    void aSecondStartFindsWhatTheFirstOneKept() throws Exception {
        try (EmbeddedDatabase first = start()) {
            execute(first, "CREATE TABLE kept (n int)");
            execute(first, "INSERT INTO kept VALUES (42)");
        }
        try (EmbeddedDatabase second = start()) {
            assertThat(number(second, "SELECT n FROM kept")).isEqualTo(42);
            assertThat(second.jdbcUrl()).isEqualTo("jdbc:postgresql://127.0.0.1:" + port + "/skywire");
        }
    }

    @Test
    void isDurableAndListensOnLoopbackOnly() throws Exception {
        try (EmbeddedDatabase database = start()) {
            assertThat(text(database, "SHOW fsync")).isEqualTo("on");
            assertThat(text(database, "SHOW synchronous_commit")).isEqualTo("on");
            assertThat(text(database, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
        }
    }

    @Test
    void endsAServerThatAKilledLauncherLeftAndAdoptsItsData() throws Exception {
        killLauncher();
        ProcessHandle server = postmaster();
        assertThat(server.isAlive()).isTrue();
        try (Connection stillOpen = DriverManager.getConnection(url()); // a client must not keep the old server alive
                EmbeddedDatabase next = start()) {
            assertThat(server.isAlive()).isFalse();
            assertThat(number(next, "SELECT n FROM kept")).isEqualTo(7);
            assertThat(stillOpen.isValid(1)).isFalse();
        }
    }

    @Test
    void recoversFromAServerThatCrashedWithItsLauncher() throws Exception {
        killLauncher();
        ProcessHandle server = postmaster();
        server.destroyForcibly();
        assertThat(Patience.until(Duration.ofSeconds(30), () -> !server.isAlive()))
                .isTrue();

        assertThat(Patience.until(Duration.ofSeconds(60), this::startsAndKeepsSeven))
                .isTrue();
    }

    @Test
    void leavesAProcessAloneThatOnlyHasTheRecordedPid() throws Exception {
        start().close();
        Process innocent = new ProcessBuilder("sleep", "60").start();
        try {
            Files.writeString(home.resolve("postgres").resolve("postmaster.pid"), innocent.pid() + "\n");
            try (EmbeddedDatabase next = start()) {
                assertThat(number(next, "SELECT 1")).isEqualTo(1);
                assertThat(innocent.isAlive()).isTrue();
            }
        } finally {
            innocent.destroyForcibly();
        }
    }

    @Test
    void saysThatItsPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(this::start)
                    .isInstanceOf(MachineLacks.class)
                    .hasMessageContaining("port " + taken.getLocalPort())
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void refusesADirectoryOfAnotherVersion() throws Exception {
        start().close();
        Files.writeString(home.resolve("postgres").resolve("PG_VERSION"), "9.6\n");

        assertThatThrownBy(this::start).isInstanceOf(MachineLacks.class).hasMessageContaining("made by PostgreSQL 9.6");
    }

    private boolean startsAndKeepsSeven() {
        try (EmbeddedDatabase next = start()) {
            return number(next, "SELECT n FROM kept") == 7;
        } catch (SQLException | MachineLacks notYet) {
            return false; // the crashed server's children are still going
        }
    }

    /// Another JVM starts the server, writes a 7 into it, and is killed without a chance to end it.
    private void killLauncher() throws Exception {
        Process launcher = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Launcher.class.getName(),
                        home.toString(),
                        String.valueOf(port))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(launcher.inputReader().readLine()).isEqualTo("started");
        } finally {
            launcher.destroyForcibly().waitFor();
        }
    }

    static final class Launcher {
        public static void main(String[] arguments) throws Exception {
            Path home = Path.of(arguments[0]);
            EmbeddedDatabase database = EmbeddedDatabase.start(
                    home.resolve("postgres"), binaries(), home.resolve("postgres.log"), Integer.parseInt(arguments[1]));
            execute(database, "CREATE TABLE kept (n int)");
            execute(database, "INSERT INTO kept VALUES (7)");
            System.out.println("started");
            new CountDownLatch(1).await();
        }
    }

    private String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/skywire?user=" + EmbeddedDatabase.USER;
    }

    private EmbeddedDatabase start() {
        return EmbeddedDatabase.start(home.resolve("postgres"), binaries(), home.resolve("postgres.log"), port);
    }

    /// Shared between runs, so that the server is unpacked once.
    private static Path binaries() {
        return Path.of("target", "postgres-binaries").toAbsolutePath();
    }

    private ProcessHandle postmaster() throws IOException {
        String pid = Files.readAllLines(home.resolve("postgres").resolve("postmaster.pid"))
                .getFirst()
                .strip();
        return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }

    private static void execute(EmbeddedDatabase database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int number(EmbeddedDatabase database, String sql) throws SQLException {
        return Integer.parseInt(text(database, sql));
    }

    private static String text(EmbeddedDatabase database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
