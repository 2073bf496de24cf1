package io.skywire.control.testing;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.flywaydb.core.Flyway;

/// A PostgreSQL database of one's own, real and migrated.
///
/// The server is the one of `SKYWIRE_TEST_JDBC_URL` (a user that may create databases) or else an embedded one, started
/// once per JVM.
public final class TestDatabase implements AutoCloseable {
    private final String serverUrl;
    private final String name;

    private TestDatabase(String serverUrl, String name) {
        this.serverUrl = serverUrl;
        this.name = name;
    }

    public static TestDatabase create() {
        TestDatabase database = new TestDatabase(
                Server.URL, "test_" + UUID.randomUUID().toString().replace("-", ""));
        database.onServer("CREATE DATABASE " + database.name);
        Flyway.configure()
                .dataSource(database.url(), null, null)
                .locations("classpath:db/migration")
                .load()
                .migrate();
        return database;
    }

    public String url() {
        return serverUrl.replaceFirst("^(jdbc:postgresql://[^/]*/)[^?]*", "$1" + name);
    }

    public HikariDataSource pool(int size) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url());
        config.setMaximumPoolSize(size);
        return new HikariDataSource(config);
    }

    @Override
    public void close() {
        onServer("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    }

    private void onServer(String sql) {
        try (Connection connection = DriverManager.getConnection(serverUrl);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("on " + serverUrl.replaceFirst("\\?.*", "") + ": " + sql, e);
        }
    }

    /// Started with the class, ended with the JVM.
    private static final class Server {
        static final String URL = url();

        private static String url() {
            String given = System.getenv("SKYWIRE_TEST_JDBC_URL");
            if (given != null && !given.isBlank()) {
                return given;
            }
            try {
                return EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "off")
                        .start()
                        .getJdbcUrl("postgres", "postgres");
            } catch (IOException e) {
                throw new UncheckedIOException("the embedded PostgreSQL does not start", e);
            }
        }
    }
}
