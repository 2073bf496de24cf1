package io.skywire.local.drill;

import io.skywire.local.ChildProcess;
import io.skywire.local.LiveNetwork;
import io.skywire.local.NetworkFailure;
import io.skywire.local.Patience;
import io.skywire.local.PrometheusPrograms;
import io.skywire.local.RunHome;
import io.skywire.local.watch.Expression;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A Prometheus on loopback that scrapes a running network every second and computes its rules. For one thread.
final class Prometheus implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(30);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final JsonMapper JSON = new JsonMapper();

    private final ChildProcess process;
    private final URI root;
    private final Path config;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(ANSWER).build();

    private Prometheus(ChildProcess process, URI root, Path config) {
        this.process = process;
        this.root = root;
        this.config = config;
    }

    /// Returns when it answers. The job of a process is its program's name.
    static Prometheus start(PrometheusPrograms programs, RunHome home, Path rules, List<LiveNetwork.Shown> shown) {
        int port = freePort();
        Path config = home.scratch().resolve("prometheus.yml");
        try {
            Files.writeString(config, config(rules, shown));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        ChildProcess process = ChildProcess.start(
                "prometheus",
                List.of(
                        programs.server().toString(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + home.scratch().resolve("prometheus"),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--log.level=warn"),
                home);
        Prometheus prometheus = new Prometheus(process, URI.create("http://127.0.0.1:" + port), config);
        if (!Patience.until(READY, () -> {
            process.requireAlive();
            return prometheus.isReady();
        })) {
            prometheus.close();
            throw new NetworkFailure("Prometheus was not ready after " + READY.toSeconds() + " s");
        }
        return prometheus;
    }

    private static String config(Path rules, List<LiveNetwork.Shown> shown) {
        Map<String, List<LiveNetwork.Shown>> jobs = shown.stream()
                .collect(Collectors.groupingBy(LiveNetwork.Shown::program, TreeMap::new, Collectors.toList()));
        StringBuilder yaml = new StringBuilder("""
                global:
                  scrape_interval: 1s
                  scrape_timeout: 1s
                  evaluation_interval: 1s
                rule_files: ['%s']
                scrape_configs:
                """.formatted(rules.toAbsolutePath()));
        jobs.forEach((job, processes) -> {
            yaml.append("""
                      - job_name: %s
                        metrics_path: %s
                        static_configs:
                    """.formatted(job, processes.getFirst().metrics().getPath()));
            processes.forEach(one -> yaml.append("      - targets: ['%s']\n        labels: {instance: '%s'}\n"
                    .formatted(one.metrics().getAuthority(), one.instance())));
        });
        return yaml.toString();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    Path config() {
        return config;
    }

    private boolean isReady() {
        try {
            return send(root.resolve("/-/ready")).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /// What came of a question.
    sealed interface Answer {
        /// Series, and the sum of their numbers as far as they are numbers.
        record Series(int count, double sum) implements Answer {}

        record Refused(String why) implements Answer {}
    }

    Answer ask(String expression) {
        try {
            HttpResponse<String> response =
                    send(root.resolve("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8)));
            JsonNode answer = JSON.readTree(response.body());
            if (!answer.path("status").asString("").equals("success")) {
                return new Answer.Refused(answer.path("error").asString("status " + response.statusCode()));
            }
            JsonNode result = answer.path("data").path("result");
            double sum = 0;
            for (JsonNode series : result) {
                double value = number(series.path("value").path(1).asString("NaN"));
                sum += Double.isFinite(value) ? value : 0;
            }
            return new Answer.Series(result.size(), sum);
        } catch (IOException | JacksonException failure) {
            throw new NetworkFailure("Prometheus does not answer: " + failure);
        }
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    /// What an expression is worth here.
    enum Worth {
        DATA,
        /// It is empty now, but every series that it selects exists.
        PROVEN_ZERO,
        NOTHING
    }

    Worth worth(Expression expression) {
        return switch (ask(expression.text())) {
            case Answer.Refused refused -> Worth.NOTHING;
            case Answer.Series series ->
                series.count() > 0 ? Worth.DATA : missing(expression).isEmpty() ? Worth.PROVEN_ZERO : Worth.NOTHING;
        };
    }

    /// The first selector of an expression without a series, or why it is no expression.
    Optional<String> missing(Expression expression) {
        if (ask(expression.text()) instanceof Answer.Refused refused) {
            return Optional.of(refused.why());
        }
        return expression.selectors().stream()
                .map(Expression.Selector::text)
                .filter(selector -> !(ask(selector) instanceof Answer.Series series && series.count() > 0))
                .findFirst();
    }

    /// The sum of the newest values; 0 if there is none.
    double sum(String expression) {
        return ask(expression) instanceof Answer.Series series ? series.sum() : 0;
    }

    private HttpResponse<String> send(URI uri) throws IOException {
        try {
            return http.send(HttpRequest.newBuilder(uri).timeout(ANSWER).build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new NetworkFailure("interrupted");
        }
    }

    @Override
    public void close() {
        http.close();
        process.signalEnd();
        if (!Patience.until(READY, () -> !process.isAlive())) {
            throw new NetworkFailure("Prometheus does not end");
        }
    }
}
