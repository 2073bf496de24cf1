package io.skywire.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.discovery.ReportOutcome;
import io.skywire.control.platform.ProblemType;
import io.skywire.control.setup.FailureReason;
import io.skywire.proto.v1.DeltaNackReason;
import io.skywire.proto.v1.RuleRefusalReason;
import io.skywire.proto.v1.SetupFailureReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `docs/errors.md` says what the code says: types, statuses and reasons in both directions, texts of stock clients
/// from the page to the code.
final class ErrorCatalogueTest {
    private static final Path MAIN = Path.of("src/main/java/io/skywire/control");
    private static final String PAGE = read(Path.of("../docs/errors.md"));

    @Test
    void listsEveryTypeOfProblemInTheWordsOfTheCode() {
        List<String> rows = Arrays.stream(ProblemType.values())
                .map(type -> "| `" + type.slug() + "` | " + type.status() + " | " + type.title() + " | "
                        + type.meaning() + " | " + type.remedy() + " |")
                .toList();

        assertThat(rows("type", "status", "title")).containsExactlyElementsOf(rows);
    }

    @Test
    void listsEveryStatusThatEndsASession() throws IOException {
        Set<String> used = new TreeSet<>();
        for (String room : List.of("agent", "limits")) {
            Pattern.compile("\\bStatus\\.([A-Z_]{3,})\\b")
                    .matcher(sources(MAIN.resolve(room)))
                    .results()
                    .map(match -> match.group(1))
                    .forEach(used::add);
        }
        used.remove("CANCELLED"); // the agent hung up: nobody is told

        assertThat(new TreeSet<>(firstCells("status", "what was wrong"))).isEqualTo(used);
    }

    @Test
    void listsEveryReason() {
        assertThat(firstCells("reason", "what was wrong"))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(names(ReportOutcome.Reason.values()), names(FailureReason.values()))
                                .toList());
        assertThat(names(FailureReason.values()))
                .containsExactlyElementsOf(proto(SetupFailureReason.values(), "SETUP_FAILURE_REASON_"));
        assertThat(firstCells("reason of a NACK"))
                .containsExactlyElementsOf(proto(DeltaNackReason.values(), "DELTA_NACK_REASON_"));
        assertThat(firstCells("reason of a refused rule"))
                .containsExactlyElementsOf(proto(RuleRefusalReason.values(), "RULE_REFUSAL_REASON_"));
    }

    @Test
    void everyTextOfTheStockTablesStandsInTheCode() throws IOException {
        // Literals that a line break cuts in two are one text.
        String code = sources(MAIN).replaceAll("\"\\s*\\+\\s*\"", "");
        List<String> texts = rows("status", "text").stream()
                .map(row -> row.split("\\|", -1)[2].strip())
                .toList();

        assertThat(texts).hasSizeGreaterThan(40).allSatisfy(text -> {
            assertThat(text).startsWith("`").endsWith("`");
            for (String part : text.substring(1, text.length() - 1).split("…", -1)) {
                assertThat(code).as(text).contains(part.strip());
            }
        });
    }

    private static Stream<String> names(Enum<?>[] values) {
        return Arrays.stream(values).map(Enum::name);
    }

    private static List<String> proto(Enum<?>[] values, String prefix) {
        return names(values)
                .filter(name -> !name.equals("UNRECOGNIZED") && !name.endsWith("_UNSPECIFIED"))
                .map(name -> name.substring(prefix.length()))
                .toList();
    }

    /// The rows of every table whose header begins with these cells.
    private static List<String> rows(String... header) {
        String start = "| " + String.join(" | ", header) + " |";
        return Pattern.compile("(?m)^" + Pattern.quote(start) + ".*\n\\|[-|]+\\|\n((?:\\|.*\n?)+)")
                .matcher(PAGE)
                .results()
                .map(MatchResult::group)
                .flatMap(table -> table.lines().skip(2))
                .toList();
    }

    private static List<String> firstCells(String... header) {
        return rows(header).stream()
                .map(row -> row.split("\\|", -1)[1].strip().replace("`", ""))
                .toList();
    }

    private static String sources(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .map(ErrorCatalogueTest::read)
                    .collect(Collectors.joining());
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
