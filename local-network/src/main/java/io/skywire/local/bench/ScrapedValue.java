package io.skywire.local.bench;

import io.skywire.local.NetworkFailure;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/// One series of a process's metrics, read once.
final class ScrapedValue {
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private ScrapedValue() {}

    /// @param port of loopback, where the metrics are
    /// @param series with its labels, if it has some
    static double of(int port, String series) {
        URI uri = URI.create("http://127.0.0.1:" + port + "/metrics");
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(uri).timeout(ANSWER).build(), HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(series + " "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .findFirst()
                    .orElseThrow(() -> new NetworkFailure(uri + " has no series " + series));
        } catch (IOException failure) {
            throw new NetworkFailure(uri + " does not answer: " + failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new NetworkFailure("interrupted while asking " + uri);
        }
    }
}
