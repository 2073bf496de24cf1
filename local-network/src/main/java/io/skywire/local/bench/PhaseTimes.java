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
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where the time of setups goes, as the control plane's histograms say: medians of what came since this was made.
final class PhaseTimes {
    private static final Duration ANSWER = Duration.ofSeconds(10);

    /// In the order in which they happen.
    private static final List<String> PHASES =
            List.of("validate", "find", "write", "push", "sign", "ack", "install", "probe");

    private static final Pattern BUCKET = Pattern.compile(
            "(?m)^skywire_setup_phase_seconds_bucket\\{le=\"([0-9.E+-]+|\\+Inf)\",phase=\"([a-z]+)\"[^}]*} ([0-9.E+-]+)$");

    private final URI metrics;
    private final String before;

    PhaseTimes(URI metrics) {
        this.metrics = metrics;
        this.before = scrape(metrics);
    }

    Map<String, Long> medianMicros() {
        return medianMicros(before, scrape(metrics));
    }

    static Map<String, Long> medianMicros(String before, String after) {
        Map<String, NavigableMap<Double, Double>> earlier = buckets(before);
        Map<String, NavigableMap<Double, Double>> later = buckets(after);
        Map<String, Long> medians = new LinkedHashMap<>();
        for (String phase : PHASES) {
            NavigableMap<Double, Double> since = new TreeMap<>(later.getOrDefault(phase, new TreeMap<>()));
            earlier.getOrDefault(phase, new TreeMap<>())
                    .forEach((bound, count) -> since.merge(bound, -count, Double::sum));
            if (since.isEmpty() || since.lastEntry().getValue() <= 0) {
                throw new NetworkFailure("the control plane does not tell how long '" + phase + "' takes");
            }
            medians.put(phase, Math.round(median(since) * 1e6));
        }
        return medians;
    }

    /// In between two bounds as if all were spread evenly there, as Prometheus does it.
    private static double median(NavigableMap<Double, Double> cumulative) {
        double half = cumulative.lastEntry().getValue() / 2;
        double below = 0;
        double belowCount = 0;
        for (Map.Entry<Double, Double> bucket : cumulative.entrySet()) {
            if (bucket.getValue() >= half) {
                return Double.isInfinite(bucket.getKey())
                        ? below
                        : below + (bucket.getKey() - below) * (half - belowCount) / (bucket.getValue() - belowCount);
            }
            below = bucket.getKey();
            belowCount = bucket.getValue();
        }
        return below;
    }

    private static Map<String, NavigableMap<Double, Double>> buckets(String scraped) {
        Map<String, NavigableMap<Double, Double>> found = new LinkedHashMap<>();
        Matcher lines = BUCKET.matcher(scraped);
        while (lines.find()) {
            double bound =
                    lines.group(1).equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(lines.group(1));
            found.computeIfAbsent(lines.group(2), phase -> new TreeMap<>())
                    .put(bound, Double.parseDouble(lines.group(3)));
        }
        return found;
    }

    private static String scrape(URI metrics) {
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
