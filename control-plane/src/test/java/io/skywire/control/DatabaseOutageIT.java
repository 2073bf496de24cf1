package io.skywire.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.skywire.control.agent.SimulatedAgent;
import io.skywire.control.agent.SimulatedNetwork;
import io.skywire.control.identity.NodeDirectory;
import io.skywire.control.platform.Attendance;
import io.skywire.control.platform.ServiceKeys;
import io.skywire.control.testing.StockCaller;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestKeys;
import io.skywire.control.topology.TopologySource;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.math.BigInteger;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/// The database goes and comes back under a running control plane.
final class DatabaseOutageIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path home;

    @Test
    void isNotReadyButAliveWhileTheDatabaseIsAwayAndRecoversByItself() throws Exception {
        PublicKey node = TestKeys.pairs(1, 1).getFirst().publicKey();
        EmbeddedPostgres postgres = postgres(0);
        try (TestControlPlane plane =
                TestControlPlane.start(postgres.getJdbcUrl("postgres", "postgres"), home.resolve("keys"), Map.of())) {
            plane.room(NodeDirectory.class).seen(node, "test/1");
            assertThat(status(plane, "readiness")).isEqualTo(200);
            assertThat(status(plane, "liveness")).isEqualTo(200);

            postgres.close();

            await().atMost(PATIENCE).until(() -> status(plane, "readiness") == 503);
            assertThat(status(plane, "liveness")).isEqualTo(200);
            assertThatThrownBy(() -> plane.room(NodeDirectory.class).isKnown(node))
                    .isInstanceOfAny(DataAccessException.class, TransactionException.class);
            assertThat(plane.room(TopologySource.class).current().find(node)).isPresent();

            stockClientsHearOfAnOutageAndNotOfAStaleNonceOrAnAbsence(plane);

            postgres = postgres(postgres.getPort());

            await().atMost(PATIENCE).until(() -> status(plane, "readiness") == 200);
            assertThat(plane.room(NodeDirectory.class).isKnown(node)).isTrue();
            assertThat(ControlPlaneIT.get(plane, "/api/v1/routes").statusCode()).isEqualTo(200);
            assertThat(ControlPlaneIT.get(plane, "/uptimes").statusCode()).isEqualTo(200);
        } finally {
            postgres.close();
        }
    }

    @Test
    void sessionsStayWhileTheDatabaseIsAwayAndWhatTheyToldMeanwhileIsAskedForAgain() throws Exception {
        List<KeyPair> keys = TestKeys.pairs(2, 11);
        EmbeddedPostgres postgres = postgres(0);
        try (SimulatedNetwork network = new SimulatedNetwork();
                TestControlPlane plane = TestControlPlane.start(
                        postgres.getJdbcUrl("postgres", "postgres"),
                        home.resolve("keys"),
                        Map.of("skywire.discovery.lease", "5m", "skywire.agent.drain-grace", "5s"))) {
            PublicKey setup = plane.room(ServiceKeys.class).setup().publicKey();
            SimulatedAgent one = network.join(plane.grpcPort(), keys.get(0), setup);
            SimulatedAgent other = network.join(plane.grpcPort(), keys.get(1), setup);
            TransportId before = network.link(one, other);
            await().atMost(PATIENCE)
                    .until(() -> plane.room(TopologySource.class)
                            .current()
                            .find(before)
                            .isPresent());

            postgres.close();
            await().atMost(PATIENCE).until(() -> status(plane, "readiness") == 503);
            assertThat(ControlPlaneIT.get(plane, "/actuator/health/readiness").body())
                    .contains("PostgreSQL");
            one.lose(before);
            one.heartbeat();
            other.heartbeat();
            assertThat(one.isOver() || other.isOver()).isFalse();

            postgres = postgres(postgres.getPort());

            await().atMost(PATIENCE)
                    .until(() -> plane.room(TopologySource.class)
                            .current()
                            .find(before)
                            .isEmpty());
            assertThat(one.isOver() || other.isOver()).isFalse();
            Set<PublicKey> both = Set.of(one.key(), other.key());
            await().atMost(PATIENCE)
                    .until(() -> plane.room(Attendance.class).attended(both).equals(both));
        } finally {
            postgres.close();
        }
    }

    private static void stockClientsHearOfAnOutageAndNotOfAStaleNonceOrAnAbsence(TestControlPlane plane)
            throws IOException, InterruptedException {
        List<KeyPair> keys = TestKeys.pairs(2, 9);
        String one = keys.get(0).publicKey().hex();
        try (HttpClient http = HttpClient.newHttpClient()) {
            StockCaller caller = new StockCaller(http, plane.httpPort(), keys.get(0));
            List<HttpResponse<String>> answers = List.of(
                    caller.call("GET", "/transports/edge:" + one, "", BigInteger.ZERO),
                    caller.call("GET", "/transports/edge:" + one, "", one, "0", "0".repeat(130)),
                    caller.unsigned("GET", "/security/nonces/" + one, ""),
                    caller.unsigned("GET", "/uptimes", ""),
                    caller.unsigned("GET", "/dmsg-discovery/entry/" + one, ""),
                    caller.unsigned(
                            "POST",
                            "/routes",
                            "{\"Edges\":[\"" + one + ":"
                                    + keys.get(1).publicKey().hex() + "\"],\"Opts\":{\"MaxHops\":50}}"));
            assertThat(answers).allSatisfy(answer -> {
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            });
            assertThat(caller.unsigned("GET", "/all-transports", "").statusCode())
                    .isEqualTo(200);
            HttpResponse<String> ours = caller.unsigned("GET", "/api/v1/routes", "");
            assertThat(ours.statusCode()).isEqualTo(503);
            assertThat(ours.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(ours.headers().firstValueAsLong("Retry-After").orElseThrow())
                    .isPositive();
            assertThat(StockCaller.json(ours).get("type").stringValue()).isEqualTo("/errors/unavailable");
        }
    }

    private EmbeddedPostgres postgres(int port) throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(home.resolve("database"))
                .setCleanDataDirectory(false)
                .setServerConfig("fsync", "off");
        if (port != 0) {
            builder.setPort(port);
        }
        return builder.start();
    }

    private static int status(TestControlPlane plane, String group) throws IOException, InterruptedException {
        return ControlPlaneIT.get(plane, "/actuator/health/" + group).statusCode();
    }
}
