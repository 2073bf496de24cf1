package io.skywire.local;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/// What a node's Prometheus endpoint said at one moment.
record Metrics(String text) {
    private static final Duration ANSWER = Duration.ofSeconds(5);

    static Metrics of(NodeProcess node) {
        URI uri =
                URI.create("http://" + NodeConfig.loopback(node.config().ports().metrics()) + "/metrics");
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER).build()) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(uri).timeout(ANSWER).build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new NetworkFailure(uri + " answers with status " + response.statusCode());
            }
            return new Metrics(response.body());
        } catch (IOException failure) {
            throw new NetworkFailure(uri + " does not answer: " + failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new NetworkFailure("interrupted while asking " + uri);
        }
    }

    double unlistedSignerRefusals() {
        return sum("skywire_node_rule_refusals_total", "reason=\"unlisted_signer\"");
    }

    /// The value of the series without labels; 0 if there is none.
    double value(String name) {
        return text.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /// The sum over all series of `name` that carry `label`; 0 if there is none yet.
    double sum(String name, String label) {
        return text.lines()
                .filter(line -> line.startsWith(name + "{") && line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
