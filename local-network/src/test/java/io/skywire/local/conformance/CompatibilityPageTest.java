package io.skywire.local.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `docs/compatibility.md` claims nothing that no test shows.
class CompatibilityPageTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
    private static final Pattern TEST = Pattern.compile("([A-Z][A-Za-z0-9]*(?:IT|Tests?))(?:\\.([a-z][A-Za-z0-9]*))?");

    private final Set<String> cases = new HashSet<>(
            new ConformanceSuite().cases().stream().map(Case::name).toList());

    @Test
    void everyRowNamesATestOrACaseAndAllOfThemExist() throws IOException {
        Map<String, String> sources = testSources();
        List<String> wrong = new ArrayList<>();
        for (String row : rows()) {
            List<String> shown = shownBy(row);
            if (shown.isEmpty()) {
                wrong.add("nothing shows: " + row);
            }
            for (String name : shown) {
                Matcher test = TEST.matcher(name);
                boolean exists = test.matches()
                        ? sources.containsKey(test.group(1))
                                && (test.group(2) == null
                                        || sources.get(test.group(1)).contains("void " + test.group(2) + "("))
                        : cases.contains(name);
                if (!exists) {
                    wrong.add("there is no " + name);
                }
            }
        }

        assertThat(wrong).isEmpty();
    }

    @Test
    void everyCaseStandsOnThePage() throws IOException {
        Set<String> missing = new HashSet<>(cases);
        for (String row : rows()) {
            missing.removeAll(shownBy(row));
        }

        assertThat(missing).isEmpty();
    }

    @Test
    void readsThePage() throws IOException {
        assertThat(rows()).hasSizeGreaterThan(60);
        assertThat(testSources()).hasSizeGreaterThan(100);
    }

    /// The rows of all tables but the last, which says what is not served.
    private static List<String> rows() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/compatibility.md"));
        return page.substring(0, page.indexOf("## Not served"))
                .lines()
                .filter(line -> line.startsWith("| ") && !line.endsWith(" by |"))
                .toList();
    }

    private static List<String> shownBy(String row) {
        String[] cells = row.split("\\|");
        List<String> names = new ArrayList<>();
        QUOTED.matcher(cells[cells.length - 1]).results().forEach(found -> names.add(found.group(1)));
        return names;
    }

    /// The text of every test class, by its name.
    private static Map<String, String> testSources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (String module : List.of("shared-proto", "control-plane", "data-plane-node", "local-network")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
                for (Path file :
                        files.filter(one -> one.toString().endsWith(".java")).toList()) {
                    sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
                }
            }
        }
        return sources;
    }
}
