package io.skywire.control.testing;

import java.util.Objects;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Gives a test class a [TestDatabase] and drops it at the end. Register as a static field:
/// ```
/// @RegisterExtension
/// static final PostgresExtension POSTGRES = new PostgresExtension();
/// ```
public final class PostgresExtension implements BeforeAllCallback, AfterAllCallback {
    private TestDatabase database;

    public TestDatabase database() {
        return Objects.requireNonNull(database, "the database lives from beforeAll to afterAll");
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        database = TestDatabase.create();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        database().close();
    }
}
