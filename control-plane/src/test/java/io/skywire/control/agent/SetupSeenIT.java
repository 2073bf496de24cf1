package io.skywire.control.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.skywire.control.platform.ServiceKeys;
import io.skywire.control.routefinder.RouteAnswer;
import io.skywire.control.routefinder.RouteFinder;
import io.skywire.control.routefinder.RouteQuery;
import io.skywire.control.setup.RequestId;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestDatabase;
import io.skywire.control.testing.TestKeys;
import io.skywire.control.testing.TraceCollector;
import io.skywire.proto.v1.SetupRequest;
import io.skywire.proto.v1.SetupResult;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.rule.RouteUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What an operator sees of one setup over a chain of four nodes: its log as JSON, and its trace.
@ExtendWith(OutputCaptureExtension.class)
final class SetupSeenIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path keyFiles;

    @Test
    void tellsASetupByItsTwoIdsInLogAndTrace(CapturedOutput output) throws Exception {
        try (TestDatabase database = TestDatabase.create();
                TraceCollector collector = new TraceCollector();
                SimulatedNetwork network = new SimulatedNetwork();
                TestControlPlane controlPlane = TestControlPlane.start(
                        database.url(),
                        keyFiles,
                        Map.of(
                                "skywire.tracing.endpoint", collector.endpoint().toString(),
                                "skywire.json-log", "true",
                                "logging.config", "classpath:log-json.xml",
                                "logging.level.io.skywire.control.setup.SetupLog", "debug",
                                "skywire.agent.drain-grace", "200ms",
                                "skywire.agent.drain-spread", "0ms"))) {
            List<SimulatedAgent> agents = TestKeys.pairs(4, 5151).stream()
                    .map(keys -> join(network, controlPlane, keys))
                    .toList();
            network.chain(agents);
            RouteQuery query = new RouteQuery(
                    agents.getFirst().key(), agents.getLast().key(), 0, RouteQuery.MAX_HOPS, 1, Set.of(), Set.of());
            await().atMost(PATIENCE)
                    .until(() -> controlPlane.room(RouteFinder.class).find(query) instanceof RouteAnswer.Found);

            SetupRequest.Builder request =
                    SimulatedAgent.request(agents.getLast().key());
            SetupResult result = agents.getFirst().setUp(request);
            assertThat(result.hasEstablished()).as(result.toString()).isTrue();
            String route = RouteUid.of(result.getEstablished().getRoute().toByteArray())
                    .toString();
            String asked = RequestId.of(request.getRequestId().toByteArray()).toString();

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(collector.spans())
                            .extracting(TraceCollector.Span::name)
                            .contains("route setup"));
            List<TraceCollector.Span> spans = collector.spans();
            TraceCollector.Span root = named(spans, "route setup").getFirst();
            assertThat(root.parent()).isEmpty();
            assertThat(root.attributes())
                    .containsEntry("skywire.route_id", route)
                    .containsEntry("skywire.request_id", asked);
            List<TraceCollector.Span> ofTrace = spans.stream()
                    .filter(span -> span.trace().equals(root.trace()))
                    .toList();
            for (String phase : List.of("find", "write", "install", "probe", "activate")) {
                assertThat(named(ofTrace, phase))
                        .as(phase)
                        .singleElement()
                        .extracting(TraceCollector.Span::parent)
                        .isEqualTo(root.id());
            }
            TraceCollector.Span install = named(ofTrace, "install").getFirst();
            assertThat(named(ofTrace, "hop"))
                    .hasSize(4)
                    .allSatisfy(hop -> {
                        assertThat(hop.parent()).isEqualTo(install.id());
                        assertThat(hop.begun()).isGreaterThanOrEqualTo(install.begun());
                        assertThat(hop.ended()).isLessThanOrEqualTo(install.ended());
                    })
                    .extracting(hop -> hop.attributes().get("skywire.hop"))
                    .containsExactlyInAnyOrder("0", "1", "2", "3");

            List<JsonNode> lines = output.getOut()
                    .lines()
                    .dropWhile(line -> !line.contains("ready http="))
                    .map(JSON::readTree)
                    .toList();
            List<JsonNode> ofSetup = lines.stream()
                    .filter(line -> line.path("request_id").asString("").equals(asked))
                    .toList();
            assertThat(ofSetup)
                    .allSatisfy(line ->
                            assertThat(line.path("route_id").asString("")).isEqualTo(route));
            assertThat(messages(ofSetup))
                    .containsEntry("rules are on their way", 4L)
                    .containsEntry("rules are installed", 4L)
                    .containsEntry("route established", 1L);
            assertThat(secrets()).isNotEmpty().noneMatch(output.getAll()::contains);
        }
    }

    private List<String> secrets() throws IOException {
        List<String> secrets = new ArrayList<>();
        try (Stream<Path> files = Files.list(keyFiles)) {
            for (Path file :
                    files.filter(one -> !one.toString().endsWith(".pub")).toList()) {
                secrets.add(Files.readString(file).strip());
            }
        }
        return secrets;
    }

    private static Map<String, Long> messages(List<JsonNode> lines) {
        return lines.stream()
                .collect(Collectors.groupingBy(line -> line.path("message").asString(""), Collectors.counting()));
    }

    private static List<TraceCollector.Span> named(List<TraceCollector.Span> spans, String name) {
        return spans.stream().filter(span -> span.name().equals(name)).toList();
    }

    private static SimulatedAgent join(SimulatedNetwork network, TestControlPlane controlPlane, KeyPair keys) {
        return network.join(
                controlPlane.grpcPort(),
                keys,
                controlPlane.room(ServiceKeys.class).setup().publicKey());
    }
}
