package io.skywire.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.skywire.deployment.ContainerProcess.Cluster;
import io.skywire.deployment.ContainerProcess.Image;
import io.skywire.deployment.Manifests.Pod;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The programs run with exactly what the rendered chart gives them: two control planes that start at once on one empty
/// PostgreSQL, and a messaging server on the trimmed runtime. That is as near to a cluster as one machine comes.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ProgramsFromChartIT {
    private static final Duration START = Duration.ofMinutes(4);
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    @TempDir
    static Path directory;

    private static final List<ContainerProcess> REPLICAS = new ArrayList<>();
    private static final List<String> ADDRESSES = new ArrayList<>();

    private static EmbeddedPostgres postgres;
    private static Cluster cluster;
    private static Pod plane;

    @BeforeAll
    static void startTwoReplicasAtOnce() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        postgres = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
        SecureRandom random = new SecureRandom();
        int pods = random.nextInt(1, 250);
        for (int i = 1; i <= 3; i++) {
            ADDRESSES.add("127." + random.nextInt(1, 250) + "." + pods + "." + i);
        }
        Map<String, String> tls = certificate();
        Map<String, Map<String, String>> secrets = Map.of(
                "skywire-keys",
                Map.of("service.key", secretKey(random), "setup.key", secretKey(random)),
                "skywire-database",
                Map.of("username", "postgres", "password", "postgres"),
                "skywire-agents-tls",
                tls,
                "skywire-messaging-keys",
                Map.of("0.key", secretKey(random), "1.key", secretKey(random)));
        Image image = Image.of("control-plane", "control-plane", JAVA_HOME.resolve("bin/java"), directory);
        for (int i = 0; i < 2; i++) {
            Manifests manifests = Chart.SKYWIRE.render("small", here(ADDRESSES.get(i)));
            cluster = new Cluster(secrets, manifests);
            plane = manifests.pod("control-plane");
            REPLICAS.add(ContainerProcess.start(
                    image, plane, 0, cluster, ADDRESSES.get(i), directory.resolve("replica-" + i)));
        }
    }

    /// What differs from a cluster: the pod's address, and a database without TLS.
    private static String here(String address) {
        return """
            listenAddress: %s
            database: {host: 127.0.0.1, port: %d, name: postgres, sslMode: disable}
            """.formatted(address, postgres.getPort());
    }

    private static String secretKey(SecureRandom random) {
        byte[] key = new byte[32];
        random.nextBytes(key);
        key[0] = 1; // below the order of the curve
        return HexFormat.of().formatHex(key) + "\n";
    }

    private static Map<String, String> certificate() throws Exception {
        Path store = directory.resolve("tls.p12");
        Process keytool = new ProcessBuilder(
                        JAVA_HOME.resolve("bin/keytool").toString(),
                        "-genkeypair",
                        "-alias",
                        "agents",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=agents.example.org",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        return Map.of(
                "tls.crt", pem("CERTIFICATE", keys.getCertificate("agents").getEncoded()),
                "tls.key",
                        pem(
                                "PRIVATE KEY",
                                keys.getKey("agents", "changeit".toCharArray()).getEncoded()));
    }

    private static String pem(String what, byte[] bytes) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + what + "-----\n";
    }

    @AfterAll
    static void endAll() throws IOException {
        REPLICAS.forEach(ContainerProcess::close);
        if (postgres != null) {
            postgres.close();
        }
    }

    private static void awaitReady(ContainerProcess replica, JsonNode probe) {
        await().atMost(START)
                .pollInterval(Duration.ofMillis(250))
                .failFast("it ended", () -> !replica.isAlive())
                .until(() -> replica.answers(probe));
    }

    @Test
    @Order(1)
    void bothGetReadyAndTheSchemaIsMadeOnce() throws Exception {
        for (ContainerProcess replica : REPLICAS) {
            try {
                for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
                    awaitReady(replica, plane.container().path(probe));
                }
            } catch (RuntimeException late) {
                throw new AssertionError(replica.log(), late);
            }
        }

        long files;
        try (Stream<Path> migrations = Files.list(Path.of("../db/migrations"))) {
            files = migrations
                    .filter(file -> file.getFileName().toString().startsWith("V"))
                    .count();
        }
        assertThat(count("SELECT count(*) FROM flyway_schema_history WHERE version IS NOT NULL AND success"))
                .isEqualTo(files);
        assertThat(count("SELECT count(*) FROM flyway_schema_history WHERE NOT success"))
                .isZero();
        await().atMost(Duration.ofSeconds(30)).until(() -> count("SELECT count(*) FROM replicas") == 2);
        assertThat(REPLICAS)
                .allSatisfy(replica ->
                        assertThat(replica.log()).contains("setup_key=").doesNotContain("\"ERROR\""));
    }

    private static long count(String question) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"));
                ResultSet answer = connection.createStatement().executeQuery(question)) {
            answer.next();
            return answer.getLong(1);
        }
    }

    @Test
    @Order(2)
    void numbersAreWhereTheServiceMonitorLooksAndNowhereElse() {
        JsonNode monitor = Chart.SKYWIRE
                .render("production")
                .one("ServiceMonitor", "control-plane")
                .at("/spec/endpoints/0");
        ContainerProcess replica = REPLICAS.getFirst();

        assertThat(replica.body(
                        monitor.path("port").asString(), monitor.path("path").asString()))
                .contains("jvm_memory_used_bytes", "skywire_agent_sessions");
        assertThat(replica.status("http", "/actuator/prometheus")).isEqualTo("404");
        assertThat(replica.status("http", "/actuator/health/readiness")).isEqualTo("404");
    }

    @Test
    @Order(2)
    void agentsFindTlsAndHttp2() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anybody()}, null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(ADDRESSES.getFirst(), plane.ports().get("grpc"))) {
            socket.setSoTimeout(10_000);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();

            assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
            assertThat(socket.getSession().getPeerPrincipal().getName()).isEqualTo("CN=agents.example.org");
        }
    }

    @Test
    @Order(2)
    void helmTestPassesAndCanFail() throws Exception {
        Pod questions = cluster.manifests().pod("test");

        assertThat(ask(questions, plane.ports().get("http")))
                .contains("GET /health: 200", "GET /all-transports: 200", "agents' port: open")
                .endsWith("exit 0");
        assertThat(ask(questions, 1)).doesNotContain("agents' port").doesNotEndWith("exit 0");
    }

    private static String ask(Pod questions, int httpPort) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        questions.container().path("command").forEach(word -> command.add(word.asString()));
        Path output = Files.createTempFile(directory, "questions", ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(questions.environment());
        builder.environment().put("HOST", ADDRESSES.getFirst());
        builder.environment().put("HTTP_PORT", Integer.toString(httpPort));
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return Files.readString(output) + "exit " + process.exitValue();
    }

    @Test
    @Order(3)
    void aMessagingServerRegistersAndDrainsOnTheTrimmedRuntime() throws Exception {
        Path runtime = directory.resolve("runtime");
        Process jlink = new ProcessBuilder(
                        JAVA_HOME.resolve("bin/jlink").toString(),
                        "--strip-debug",
                        "--no-header-files",
                        "--no-man-pages",
                        "--output",
                        runtime.toString(),
                        "--add-modules",
                        ImageFile.of("node").modules())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("jlink.log").toFile())
                .start();
        assertThat(jlink.waitFor(120, TimeUnit.SECONDS) && jlink.exitValue() == 0)
                .as(() -> "jlink failed, see " + directory)
                .isTrue();
        String address = ADDRESSES.getLast();
        Manifests manifests = Chart.SKYWIRE.render(
                "production",
                here(address),
                "messaging: {discoveryUrl: 'http://" + ADDRESSES.getFirst() + ":8181', drainSeconds: 5}");
        Pod pod = manifests.pod("messaging");
        Image image = Image.of("node", "data-plane-node", runtime.resolve("bin/java"), directory);

        try (ContainerProcess server = ContainerProcess.start(
                image, pod, 1, new Cluster(cluster.secrets(), manifests), address, directory.resolve("messaging"))) {
            awaitReady(server, pod.container().path("readinessProbe"));
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> server.body("metrics", "/metrics").contains("skywire_relay_registered 1"));
            assertThat(REPLICAS.getLast().body("http", "/dmsg-discovery/available_servers"))
                    .contains("m1.skywire.example.org:7780");

            OptionalInt exit = server.end();

            assertThat(exit).as(server.log()).hasValue(0);
        }
        assertThat(REPLICAS.getFirst().body("http", "/dmsg-discovery/available_servers"))
                .doesNotContain("m1.skywire.example.org:7780");
    }

    @Test
    @Order(4)
    void aReplicaEndsWithinItsTerminationPeriod() {
        ContainerProcess replica = REPLICAS.getFirst();

        OptionalInt exit = replica.end();

        assertThat(exit).as(replica.log()).isPresent();
        assertThat(replica.log()).contains("sessions and 0 setups are left after draining");
        assertThat(REPLICAS.getLast().answers(plane.container().path("readinessProbe")))
                .isTrue();
    }

    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
