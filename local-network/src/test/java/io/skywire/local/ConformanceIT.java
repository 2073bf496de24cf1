package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The conformance command against a control plane in a process of its own, over a real PostgreSQL.
class ConformanceIT {
    @TempDir
    private Path home;

    @Test
    void everyCasePassesTwiceAgainstTheSameControlPlane() {
        try (StateDirectory state = StateDirectory.open(
                        home.resolve("state"), Path.of("target", "postgres-binaries"), StateDirectory.NEEDED_BYTES);
                EmbeddedDatabase database = EmbeddedDatabase.start(
                        state.postgres(),
                        state.binaries(),
                        state.log("postgres"),
                        PortBook.open(state.ports(), new Random()).port("postgres"))) {
            PortBook ports = PortBook.open(state.ports(), new Random());
            ControlPlaneProcess controlPlane = ControlPlaneProcess.start(
                    Installation.at(Path.of("..")),
                    state,
                    new ControlPlaneProcess.Database(database.jdbcUrl(), EmbeddedDatabase.USER, ""),
                    ports.port("http"),
                    ports.port("grpc"));
            try {
                controlPlane.awaitReady();
                for (int run = 0; run < 2; run++) {
                    StringWriter out = new StringWriter();
                    int exit = run(out, "--base-url", controlPlane.http("").toString(), "--json");

                    JsonNode report = new JsonMapper().readTree(out.toString());
                    assertThat(report.get("failed").intValue())
                            .as(out.toString())
                            .isZero();
                    assertThat(report.get("passed").intValue())
                            .isEqualTo(report.get("cases").size())
                            .isGreaterThan(70);
                    assertThat(report.at("/cases/0/name").isString()).isTrue();
                    assertThat(exit).isZero();
                }
            } finally {
                ChildProcess.endAll(List.of(controlPlane.child()), LocalNetwork.CONTROL_PLANE_END);
            }
        }
    }

    @Test
    void failsWhereNobodyAnswers() {
        StringWriter out = new StringWriter();
        int port = PortBook.open(home.resolve("ports"), new Random()).port("nobody");

        assertThat(run(out, "--base-url", "http://127.0.0.1:" + port)).isEqualTo(1);
        assertThat(out.toString()).contains("FAIL").contains("\n0 passed, ");
        assertThat(run(new StringWriter(), "--base-url", "nonsense")).isEqualTo(2);
    }

    private static int run(StringWriter out, String... arguments) {
        CommandLine commandLine = LocalMain.commandLine();
        commandLine.setOut(new PrintWriter(out));
        commandLine.setErr(new PrintWriter(new StringWriter()));
        String[] all = new String[arguments.length + 1];
        all[0] = "conformance";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return commandLine.execute(all);
    }
}
