package io.skywire.local;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A PostgreSQL server of our own on 127.0.0.1, with one database, `skywire`. An existing data directory is adopted.
///
/// It trusts every user of this machine and is meant for one person's machine only.
final class EmbeddedDatabase implements AutoCloseable {
    static final String USER = "postgres";
    static final String NAME = "skywire";

    /// Of the binaries that the pom names; a data directory belongs to one major version.
    private static final String MAJOR_VERSION = "18";

    /// What a copy must not bring along: it belongs to the process, not to the data.
    private static final Set<String> NOT_COPIED = Set.of("postmaster.pid", "postmaster.opts", "epg-lock");

    private static final Duration STARTUP = Duration.ofSeconds(30);
    private static final Duration SHUTDOWN = Duration.ofSeconds(10);

    private final EmbeddedPostgres postgres;
    private final Path data;

    private EmbeddedDatabase(EmbeddedPostgres postgres, Path data) {
        this.postgres = postgres;
        this.data = data;
    }

    /// Starts on `port` over `data`, after ending a server that a killed launcher left there.
    ///
    /// @throws MachineLacks with one line if the port, the disk or the directory does not allow it
    static EmbeddedDatabase start(Path data, Path binaries, Path log, int port) {
        endLeftOver(data);
        PortBook.require(port, "PostgreSQL");
        requireVersion(data);
        try {
            Files.createDirectories(binaries);
            keepPrivate(binaries);
            // Durable, unlike the library's defaults: what was acknowledged survives a crash.
            EmbeddedDatabase database = new EmbeddedDatabase(
                    EmbeddedPostgres.builder()
                            .setDataDirectory(data)
                            .setCleanDataDirectory(false)
                            .setOverrideWorkingDirectory(binaries.toFile())
                            .setPort(port)
                            .setPGStartupWait(STARTUP)
                            .setRegisterShutdownHook(false)
                            .setServerConfig("listen_addresses", "127.0.0.1")
                            .setServerConfig("unix_socket_directories", "")
                            .setServerConfig("fsync", "on")
                            .setServerConfig("synchronous_commit", "on")
                            .setServerConfig("max_connections", "100")
                            .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
                            .setErrorRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
                            .start(),
                    data);
            keepPrivate(binaries); // the library opens it to everybody
            database.createIfMissing();
            return database;
        } catch (IOException | RuntimeException failure) {
            endLeftOver(data);
            throw new MachineLacks(reason(failure, data, log));
        }
    }

    /// Nobody else may put another program where this one is run from.
    static void keepPrivate(Path directory) {
        try {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    int port() {
        return postgres.getPort();
    }

    String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + port() + "/" + NAME;
    }

    /// A connection to the database `skywire`.
    Connection connect() throws SQLException {
        return postgres.getDatabase(USER, NAME).getConnection();
    }

    @Override
    public void close() {
        try {
            postgres.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Copies the running server's data to `into`, which does not exist yet, as `pg_basebackup` does: what is committed
    /// before `atTheEnd` runs is in it. A server that is started over it recovers to that moment.
    ///
    /// @param atTheEnd is called when all but the end of the log has been copied
    void backUp(Path into, Runnable atTheEnd) {
        Path log = data.resolve("pg_wal");
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_backup_start('skywire', fast => true)");
            Copies.tree(
                    data,
                    into,
                    file -> !NOT_COPIED.contains(String.valueOf(file.getFileName())) && !file.startsWith(log));
            atTheEnd.run();
            try (ResultSet stop =
                    statement.executeQuery("SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)")) {
                stop.next();
                Files.writeString(into.resolve("backup_label"), stop.getString(1));
            }
            Copies.tree(log, into.resolve("pg_wal"), file -> true);
            Files.createDirectories(into.resolve("pg_wal").resolve("archive_status"));
            keepPrivate(into);
        } catch (SQLException | IOException failure) {
            throw new NetworkFailure("PostgreSQL cannot be backed up: " + failure.getMessage());
        }
    }

    /// SIGKILL to the server and to every process of it at once, as a crash of its container would have it.
    void crash() {
        ProcessHandle server = recorded(data.resolve("postmaster.pid"))
                .filter(process -> serves(process, data))
                .orElseThrow(() -> new NetworkFailure("PostgreSQL does not run over " + data));
        List<ProcessHandle> all = new ArrayList<>(server.descendants().toList());
        all.addFirst(server);
        all.forEach(ProcessHandle::destroyForcibly);
        if (!Patience.until(SHUTDOWN, () -> all.stream().noneMatch(ProcessHandle::isAlive))) {
            throw new NetworkFailure("PostgreSQL lives on after SIGKILL");
        }
        try {
            postgres.close(); // only gives back the lock of the directory
        } catch (IOException | RuntimeException thereIsNobodyToStop) {
            Leftovers.forget(data.resolve("postmaster.pid"));
        }
    }

    private void createIfMissing() {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            boolean there;
            try (ResultSet found = statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + NAME + "'")) {
                there = found.next();
            }
            if (!there) {
                statement.execute("CREATE DATABASE " + NAME);
            }
        } catch (SQLException failure) {
            close();
            throw new IllegalStateException("cannot create the database: " + failure.getMessage(), failure);
        }
    }

    /// Told here because the server's own refusal would be waited for until the deadline.
    private static void requireVersion(Path data) {
        Path file = data.resolve("PG_VERSION");
        try {
            String version = Files.exists(file) ? Files.readString(file).strip() : MAJOR_VERSION;
            if (!version.equals(MAJOR_VERSION)) {
                throw new MachineLacks(data + " was made by PostgreSQL " + version + ", this is " + MAJOR_VERSION
                        + ": move it away, or dump and restore it");
            }
        } catch (IOException unreadable) {
            throw new MachineLacks("cannot read " + file + ": " + unreadable);
        }
    }

    /// Ends the server that `postmaster.pid` names, if that process is a PostgreSQL server over this very directory.
    static void endLeftOver(Path data) {
        Path record = data.resolve("postmaster.pid");
        if (!Files.exists(record)) {
            return;
        }
        Optional<ProcessHandle> server = recorded(record).filter(process -> serves(process, data));
        if (server.isPresent()) {
            end(server.get());
        }
        Leftovers.forget(record); // PostgreSQL still looks whether anybody has its shared memory
    }

    private static Optional<ProcessHandle> recorded(Path record) {
        try {
            List<String> lines = Files.readAllLines(record);
            return lines.isEmpty()
                    ? Optional.empty()
                    : ProcessHandle.of(Long.parseLong(lines.getFirst().strip())).filter(ProcessHandle::isAlive);
        } catch (IOException | NumberFormatException damaged) {
            return Optional.empty();
        }
    }

    private static boolean serves(ProcessHandle process, Path data) {
        ProcessHandle.Info info = process.info();
        String[] arguments = info.arguments().orElse(new String[0]);
        for (int i = 0; i + 1 < arguments.length; i++) {
            if (arguments[i].equals("-D") && Path.of(arguments[i + 1]).equals(data)) {
                return true;
            }
        }
        return false;
    }

    /// "Fast" first (SIGINT ends sessions and keeps the data), "immediate" (SIGQUIT) if that takes too long: the next
    /// start recovers from the log. SIGTERM would wait for every client to leave.
    private static void end(ProcessHandle server) {
        for (String signal : new String[] {"INT", "QUIT"}) {
            ChildProcess.run(
                    List.of("sh", "-c", "kill -" + signal + " " + server.pid()), Path.of("/"), Duration.ofSeconds(5));
            if (Patience.until(SHUTDOWN, () -> !server.isAlive())) {
                return;
            }
        }
        throw new MachineLacks("a PostgreSQL server of an earlier run (pid " + server.pid() + ") does not end: end it");
    }

    private static String reason(Exception failure, Path data, Path log) {
        String end = tail(log);
        String told = failure + "\n" + failure.getCause() + "\n" + end;
        if (told.contains("No space left on device")) {
            return "the disk is full: PostgreSQL cannot write to " + data + "; free some space and start again";
        }
        if (told.contains("Permission denied")) {
            return "PostgreSQL may not write to " + data + ": check its owner; details in " + log;
        }
        if (told.contains("No Postgres binary found") || told.contains("Missing postgresql")) {
            return "there is no embedded PostgreSQL for this machine (" + System.getProperty("os.name") + " "
                    + System.getProperty("os.arch") + "): use --jdbc-url";
        }
        return "PostgreSQL did not start over " + data + ": " + failure.getMessage() + "; details in " + log;
    }

    private static String tail(Path log) {
        try {
            String text = Files.exists(log) ? Files.readString(log) : "";
            return text.substring(Math.max(0, text.length() - 4_000));
        } catch (IOException unreadable) {
            return "";
        }
    }
}
