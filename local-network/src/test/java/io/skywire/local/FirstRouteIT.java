package io.skywire.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The whole of it with real processes: PostgreSQL, a control plane, nodes, a stock web server and stock curl.
class FirstRouteIT {
    private static final long MEBIBYTE = 1 << 20;

    @TempDir
    private Path home;

    @Test
    void aFileTravelsThroughThreeIntermediaries() {
        FirstRouteResult result = run(Shape.twoWays().withStranger());

        assertThat(result.why()).isEmpty();
        assertThat(result.held()).isTrue();
        assertThat(result.json())
                .contains("\"held\":true", "\"nodes\":7", "\"intermediaries\":3", "\"bytes\":1048576")
                .contains("\"sha256_match\":true", "\"explicit_path_followed\":true")
                .contains("\"unlisted_signer_refused\":true", "\"torn_down\":true");
    }

    @Test
    void doesNotHoldWhereTheStrangerObeysTheControlPlane() {
        Shape shape = Shape.twoWays().withStranger();
        List<Shape.Member> obedient = shape.members().stream()
                .map(member -> new Shape.Member(member.name(), Shape.Obedience.CONTROL_PLANE))
                .toList();

        FirstRouteResult result = run(new Shape(obedient, shape.links()));

        assertThat(result.held()).isFalse();
        assertThat(result.why()).singleElement().asString().contains("succeeded although it obeys another key");
        assertThat(result.json()).contains("\"sha256_match\":true", "\"unlisted_signer_refused\":false");
    }

    @Test
    void doesNotHoldWhereAShorterWayExists() {
        Shape shape = Shape.twoWays().withStranger();
        List<Shape.Link> shorter = new ArrayList<>(shape.links());
        shorter.add(new Shape.Link("n2", "n5"));

        FirstRouteResult result = run(new Shape(shape.members(), shorter));

        assertThat(result.held()).isFalse();
        assertThat(result.why()).singleElement().asString().contains("relay rules are at [n2]");
    }

    @Test
    void comesUpAgainWithTheSameKeysAndPortsAndLeavesNoProcess() {
        Installation installation = Installation.at(Path.of(".."));
        Shape pair = new Shape(
                List.of(
                        new Shape.Member("n1", Shape.Obedience.CONTROL_PLANE),
                        new Shape.Member("n5", Shape.Obedience.CONTROL_PLANE)),
                List.of(new Shape.Link("n1", "n5")));
        List<String> configs = new ArrayList<>();
        List<ChildProcess> children = new ArrayList<>();
        for (int start = 0; start < 2; start++) {
            try (LocalNetwork network = new LocalNetwork(installation, open(), pair)) {
                network.start(LocalNetwork.Offer.WEB_SERVER, Progress.quiet());
                children.addAll(network.children());
                configs.add(network.nodes().stream()
                        .map(node -> node.config().toString())
                        .toList()
                        .toString());
                Map<String, JsonNode> published = network.ask("published");
                assertThat(published.get("n5").isEmpty()).isFalse();
                assertThat(network.dead()).isEmpty();
                await().atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(network.ask("status")
                                        .get("n1")
                                        .at("/reachability/state")
                                        .stringValue())
                                .as("the control plane has dialled the node back")
                                .isEqualTo("yes"));
                awaitMeasurement(
                        network, network.ask("status").get("n1").get("node").stringValue());
            }
        }

        assertThat(children).hasSize(8).noneMatch(ChildProcess::isAlive);
        assertThat(Set.copyOf(configs)).hasSize(1);
    }

    /// What the nodes measure on their link is shown by the control plane.
    private static void awaitMeasurement(LocalNetwork network, String node) {
        URI uri = network.controlPlane().http("/api/v1/transports?edge=" + node);
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request =
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build();
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                JsonNode transports = JsonMapper.shared()
                        .readTree(client.send(request, HttpResponse.BodyHandlers.ofString())
                                .body());
                assertThat(transports).hasSize(1);
                assertThat(transports.get(0).path("roundTripMicros").longValue(0))
                        .isPositive();
                assertThat(transports.get(0).path("measuredAt").isString()).isTrue();
            });
        }
    }

    private FirstRouteResult run(Shape shape) {
        Curl curl = new Curl(Programs.curl());
        try (LocalNetwork network = new LocalNetwork(Installation.at(Path.of("..")), open(), shape)) {
            network.start(LocalNetwork.Offer.NOTHING, Progress.quiet());
            return new FirstRoute(network, curl, new Random(1), MEBIBYTE).run(Progress.quiet());
        }
    }

    /// PostgreSQL is unpacked once for all runs.
    private StateDirectory open() {
        return StateDirectory.open(home, Path.of("target", "postgres-binaries"), StateDirectory.NEEDED_BYTES);
    }
}
