package io.skywire.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The chart's README says of every value what it is.
class ChartReadmeTest {
    private static final String BEGIN = "<!-- values: made of values.yaml by ChartReadmeTest -->\n";
    private static final String END = "<!-- end of values -->\n";
    private static final String COMMAND =
            "mvn -pl deployment -am test -Dtest=ChartReadmeTest -Dsurefire.failIfNoSpecifiedTests=false"
                    + " -Dchart.readme=write";

    private final Path readme = Chart.SKYWIRE.directory().resolve("README.md");

    @Test
    void everyValueIsExplained() throws IOException {
        assertThat(table().unexplained()).isEmpty();
    }

    @Test
    void theReadmeIsTheValues() throws IOException {
        String written = Files.readString(readme);
        int begin = written.indexOf(BEGIN) + BEGIN.length();
        int end = written.indexOf(END);
        assertThat(begin).isGreaterThan(BEGIN.length());
        assertThat(end).isGreaterThanOrEqualTo(begin);
        String fresh = written.substring(0, begin)
                + "| value | default | meaning |\n|---|---|---|\n"
                + table().markdown()
                + "\n"
                + written.substring(end);
        if ("write".equals(System.getProperty("chart.readme"))) {
            Files.writeString(readme, fresh);
        }

        assertThat(Files.readString(readme))
                .as("helm/skywire/README.md is older than values.yaml; run: " + COMMAND)
                .isEqualTo(fresh);
    }

    @Test
    void everyExampleIsNamedInTheReadme() throws IOException {
        String written = Files.readString(readme);

        assertThat(Chart.examples()).allSatisfy(example -> assertThat(written).contains(example));
    }

    @Test
    void aValueWithoutAnExplanationIsFound() {
        ValuesTable table = ValuesTable.of("""
            # -- What it is,
            # in two lines.
            one: 1
            # Not an explanation.
            two:
              # -- Below.
              three: [a]
              four: "x"
            """);

        assertThat(table.unexplained()).containsExactly("two.four");
        assertThat(table.markdown())
                .isEqualTo("| `one` | `1` | What it is, in two lines. |\n| `two.three` | `[\"a\"]` | Below. |");
    }

    private static ValuesTable table() throws IOException {
        return ValuesTable.of(Files.readString(Chart.SKYWIRE.directory().resolve("values.yaml")));
    }
}
