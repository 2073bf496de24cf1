package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class LocalMainTest {
    private final StringWriter err = new StringWriter();
    private final StringWriter out = new StringWriter();

    @Test
    void saysWhichDrillsAndBenchesExist() {
        assertThat(run("drill", "no-such-drill", "--json")).isEqualTo(2);
        assertThat(err).asString().startsWith("skywire: there is no drill 'no-such-drill'; there ");
        assertThat(run("bench")).isEqualTo(2);
    }

    @Test
    void refusesWhatDoesNotExistWithOneLine() {
        assertThat(run("demo", "--scenario", "second-route", "--json")).isEqualTo(2);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .contains("no scenario 'second-route'", "first-route");
        assertThat(run("demo", "--bytes", "0")).isEqualTo(2);
        assertThat(run("demo", "--bytes", "many")).isEqualTo(2);
        assertThat(run("nonsense")).isEqualTo(2);
        assertThat(run()).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void helpIsNoError() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("up", "demo", "control-plane");
    }

    private int run(String... arguments) {
        CommandLine commandLine = LocalMain.commandLine();
        commandLine.setErr(new PrintWriter(err));
        commandLine.setOut(new PrintWriter(out));
        return commandLine.execute(arguments);
    }
}
