package io.skywire.local.bench;

import io.skywire.local.ControlPlaneAlone;
import io.skywire.local.NetworkFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;

/// Counts the statements that PostgreSQL is given, by its own log.
final class StatementWatch {
    private final Path log;

    /// Makes PostgreSQL log every statement from now on.
    ///
    /// @param log where it writes
    StatementWatch(ControlPlaneAlone controlPlane, Path log) {
        this.log = log;
        try (Connection connection = controlPlane.database();
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER SYSTEM SET log_statement = 'all'");
            statement.execute("SELECT pg_reload_conf()");
        } catch (SQLException failure) {
            throw new NetworkFailure("PostgreSQL does not log its statements: " + failure.getMessage());
        }
    }

    /// Statements until now.
    long count() {
        try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.contains("LOG:  execute ") || line.contains("LOG:  statement: "))
                    .count();
        } catch (IOException failure) {
            throw new NetworkFailure("the log of PostgreSQL cannot be read: " + failure);
        }
    }
}
