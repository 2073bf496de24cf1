package io.skywire.control.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// While replicas are upgraded one by one, the older code works on the newer schema: a migration only adds.
///
/// Looks at the statements alone. That the code before this one really runs is seen by `drill older-build`.
class MigrationsTest {
    private static final Path MIGRATIONS = Path.of("..", "db", "migrations");

    /// Older ones were written before anybody could upgrade from them. With each release the number of its last
    /// migration goes here.
    private static final int LAST_BEFORE_ROLLING_UPGRADES = 48;

    private static final Pattern NUMBER = Pattern.compile("V(\\d+)__.*\\.sql");
    private static final Pattern CREATED = Pattern.compile("create (?:unlogged )?table (?:if not exists )?([a-z_]+)");
    private static final Pattern ALTERED = Pattern.compile("^alter table (?:if exists )?(?:only )?([a-z_]+) (.*)");
    private static final Pattern ADDED_COLUMN =
            Pattern.compile("add (?:column )?(?!constraint|check|unique|primary|foreign|exclude).*");

    @Test
    void newerMigrationsOnlyAdd() throws IOException {
        List<String> breaking = new ArrayList<>();
        try (Stream<Path> files = Files.list(MIGRATIONS)) {
            for (Path file : files.sorted().toList()) {
                Matcher name = NUMBER.matcher(String.valueOf(file.getFileName()));
                if (name.matches() && Integer.parseInt(name.group(1)) > LAST_BEFORE_ROLLING_UPGRADES) {
                    breaking(Files.readString(file)).forEach(what -> breaking.add(file.getFileName() + ": " + what));
                }
            }
        }

        assertThat(breaking)
                .as("the code before this migration must work after it: add first, remove a release later")
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP TABLE routes;",
                "ALTER TABLE routes DROP COLUMN told;",
                "ALTER TABLE routes RENAME COLUMN told TO said;",
                "ALTER TABLE routes RENAME TO ways;",
                "ALTER TABLE routes ADD COLUMN kind text NOT NULL;",
                "ALTER TABLE routes ADD kind text NOT NULL;",
                "ALTER TABLE routes ADD COLUMN a int, ADD COLUMN b int NOT NULL;",
                "ALTER TABLE routes ALTER COLUMN told SET NOT NULL;",
                "ALTER TABLE routes ALTER COLUMN plans TYPE bigint;",
                "ALTER TABLE routes ADD CONSTRAINT few CHECK (plans < 3);",
                "CREATE UNIQUE INDEX one ON routes (session);",
                "-- harmless\nDROP VIEW listed;",
                "TRUNCATE routes;"
            })
    void refusesWhatOlderCodeWouldMiss(String sql) {
        assertThat(breaking(sql)).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE more (id uuid PRIMARY KEY, name text NOT NULL); CREATE UNIQUE INDEX by_name ON more (name);",
                "ALTER TABLE routes ADD COLUMN kind text NOT NULL DEFAULT 'x';",
                "ALTER TABLE routes ADD COLUMN note text;",
                "CREATE INDEX routes_session ON routes (session); -- DROP TABLE is only spoken of",
                "INSERT INTO more (name) VALUES ('; DROP TABLE routes');"
            })
    void letsAdditionsPass(String sql) {
        assertThat(breaking(sql)).isEmpty();
    }

    private static List<String> breaking(String sql) {
        List<String> statements = statements(sql);
        Set<String> ofThisFile = new HashSet<>();
        List<String> breaking = new ArrayList<>();
        for (String statement : statements) {
            Matcher created = CREATED.matcher(statement);
            if (created.lookingAt()) {
                ofThisFile.add(created.group(1));
            }
            if (breaks(statement, ofThisFile)) {
                breaking.add(statement);
            }
        }
        return breaking;
    }

    private static boolean breaks(String statement, Set<String> ofThisFile) {
        if (statement.startsWith("drop ") || statement.startsWith("truncate ")) {
            return true;
        }
        if (statement.startsWith("create unique index")) {
            return ofThisFile.stream().noneMatch(table -> statement.matches(".* on (?:only )?" + table + "\\b.*"));
        }
        Matcher altered = ALTERED.matcher(statement);
        if (!altered.matches() || ofThisFile.contains(altered.group(1))) {
            return false;
        }
        return Stream.of(altered.group(2).split(",(?![^(]*\\))", -1))
                .map(String::strip)
                .anyMatch(action -> {
                    if (ADDED_COLUMN.matcher(action).matches()) {
                        return action.contains("not null") && !action.contains("default")
                                || action.contains(" unique")
                                || action.contains(" check");
                    }
                    return !action.startsWith("set (")
                                    && !action.startsWith("alter column")
                                    && !action.startsWith("validate")
                            || action.contains("set not null")
                            || action.contains(" type ");
                });
    }

    /// In lower case, without comments and texts, spaces made one.
    private static List<String> statements(String sql) {
        String bare = sql.replaceAll("'(?:[^']|'')*'", "''")
                .replaceAll("--[^\n]*", " ")
                .replaceAll("(?s)/\\*.*?\\*/", " ")
                .toLowerCase(Locale.ROOT)
                .replaceAll("\\s+", " ");
        return Stream.of(bare.split(";", -1))
                .map(String::strip)
                .filter(statement -> !statement.isEmpty())
                .toList();
    }
}
