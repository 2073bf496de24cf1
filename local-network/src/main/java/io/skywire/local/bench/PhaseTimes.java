package io.skywire.local.bench;

import io.skywire.local.NetworkFailure;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where the time of setups goes, as the control plane's own metrics say for the last half minute.
final class PhaseTimes {
    private static final Duration ANSWER = Duration.ofSeconds(10);

    /// In the order in which they happen.
    private static final List<String> PHASES =
            List.of("validate", "find", "write", "push", "sign", "ack", "install", "probe");

    private static final Pattern MEDIAN = Pattern.compile(
            "(?m)^skywire_setup_phase_seconds\\{phase=\"([a-z]+)\",quantile=\"0\\.5\"[^}]*} ([0-9.E+-]+)$");

    private final URI metrics;

    PhaseTimes(URI metrics) {
        this.metrics = metrics;
    }

    Map<String, Long> medianMicros() {
        return parse(scrape());
    }

    static Map<String, Long> parse(String scraped) {
        Map<String, Long> found = new LinkedHashMap<>();
        Matcher lines = MEDIAN.matcher(scraped);
        while (lines.find()) {
            found.put(lines.group(1), Math.round(Double.parseDouble(lines.group(2)) * 1e6));
        }
        Map<String, Long> ordered = new LinkedHashMap<>();
        for (String phase : PHASES) {
            Long micros = found.get(phase);
            if (micros == null) {
                throw new NetworkFailure("the control plane does not tell how long '" + phase + "' takes");
            }
            ordered.put(phase, micros);
        }
        return ordered;
    }

    private String scrape() {
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build()) {
            HttpRequest request =
                    HttpRequest.newBuilder(metrics).timeout(ANSWER).build();
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException failure) {
            throw new NetworkFailure("the metrics cannot be read: " + failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new NetworkFailure("interrupted");
        }
    }
}
