package io.skywire.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.skywire.control.discovery.LinkState;
import io.skywire.control.discovery.ReportKind;
import io.skywire.control.discovery.TransportClaim;
import io.skywire.control.discovery.TransportRegistry;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestKeys;
import io.skywire.control.topology.TopologySource;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Two replicas over one PostgreSQL, whose regular comparison comes too late to help: only wake-ups can.
class ReplicasIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Map<String, String> NO_COMPARISON = Map.of("skywire.topology.reconcile-interval", "1h");

    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @TempDir
    private Path keys;

    @Test
    void whatOneReplicaLearnsTheOtherKnowsAtOnce() throws Exception {
        List<KeyPair> edges = TestKeys.pairs(2, 77);
        SignedTransport transport = SignedTransport.signedByBoth(
                TransportEntry.between(edges.get(0).publicKey(), edges.get(1).publicKey(), TransportType.TCP),
                edges.get(0),
                edges.get(1));
        try (TestControlPlane one = TestControlPlane.start(POSTGRES.database().url(), keys, NO_COMPARISON);
                TestControlPlane other =
                        TestControlPlane.start(POSTGRES.database().url(), keys, NO_COMPARISON)) {
            TransportRegistry registry = one.room(TransportRegistry.class);
            TopologySource there = other.room(TopologySource.class);
            assertThat(there.current().find(transport.id())).isEmpty();

            report(registry, edges, transport, LinkState.UP);
            await().atMost(PATIENCE)
                    .until(() -> there.current().find(transport.id()).isPresent());
            await().atMost(PATIENCE)
                    .until(() -> list(other).contains(transport.id().toString()));

            report(registry, edges, transport, LinkState.DOWN);
            await().atMost(PATIENCE)
                    .until(() -> there.current().find(transport.id()).isEmpty());
            await().atMost(PATIENCE)
                    .until(() -> !list(other).contains(transport.id().toString()));
        }
    }

    private static void report(
            TransportRegistry registry, List<KeyPair> edges, SignedTransport transport, LinkState state) {
        for (KeyPair edge : edges) {
            registry.report(
                    edge.publicKey(),
                    ReportKind.CHANGES,
                    List.of(new TransportClaim(transport, state, Optional.of(Duration.ofMillis(5)), 16_384)));
        }
    }

    private static String list(TestControlPlane replica) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + replica.httpPort() + "/all-transports");
            return client.send(
                            HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
