package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The command in a process of its own, as `./skywire control-plane` starts it.
@Timeout(240)
class ControlPlaneCommandIT {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path home;

    @Test
    void saysThatItIsReadyInOneJsonLineAndLogsInJson() throws Exception {
        int port = PortBook.open(home.resolve("ports"), new Random()).port("http");
        Path data = home.resolve("data");
        Path errors = home.resolve("errors");
        Path output = home.resolve("output");
        Process process =
                start(output, errors, "--port", String.valueOf(port), "--data", data.toString(), "--json-log");
        try {
            assertThat(Patience.until(
                            Duration.ofSeconds(180), () -> content(output).endsWith("\n") || !process.isAlive()))
                    .isTrue();
            String line = content(output);
            assertThat(line).as(() -> "on standard error: " + content(errors)).isNotEmpty();
            JsonNode ready = JSON.readTree(line);

            assertThat(ready.propertyNames())
                    .containsExactly("event", "http", "agents", "service_key", "setup_key", "log");
            assertThat(ready.get("event").stringValue()).isEqualTo("ready");
            assertThat(ready.get("http").stringValue()).isEqualTo("http://127.0.0.1:" + port + "/");
            assertThat(ready.get("service_key").stringValue()).matches("0[23][0-9a-f]{64}");
            assertThat(status(ready.get("http").stringValue() + "health")).isEqualTo(200);
            Path log = Path.of(ready.get("log").stringValue());
            assertThat(log).isEqualTo(data.resolve("logs").resolve("control-plane.log"));
            assertThat(Files.readAllLines(log))
                    .isNotEmpty()
                    .allSatisfy(one -> assertThat(JSON.readTree(one).has("message"))
                            .as(one)
                            .isTrue());

            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(content(output)).as("the ready line is the only one").isEqualTo(line);
        } finally {
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    private static Process start(Path output, Path errors, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dskywire.root=" + Path.of("..").toAbsolutePath().normalize(),
                "-Dskywire.state=" + Path.of("target", "command-state").toAbsolutePath(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                LocalMain.class.getName(),
                "control-plane"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
    }

    private static int status(String url) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create(url))
                                    .timeout(Duration.ofSeconds(10))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }
}
