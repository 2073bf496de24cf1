package io.skywire.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.skywire.control.discovery.LinkState;
import io.skywire.control.discovery.ReportKind;
import io.skywire.control.discovery.TransportClaim;
import io.skywire.control.discovery.TransportRegistry;
import io.skywire.control.identity.NodeDirectory;
import io.skywire.control.platform.ServiceKeys;
import io.skywire.control.routefinder.RouteAnswer;
import io.skywire.control.routefinder.RouteFinder;
import io.skywire.control.routefinder.RouteQuery;
import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.control.testing.TestKeys;
import io.skywire.control.topology.TopologySource;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.ApplicationAvailabilityBean;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@ExtendWith(OutputCaptureExtension.class)
final class ControlPlaneIT {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final List<KeyPair> NODES = TestKeys.pairs(3, 77);

    @TempDir
    Path home;

    @Test
    void aRestartKeepsTheKeysAndRebuildsTheTopology(CapturedOutput output) {
        KeyPair a = NODES.get(0);
        KeyPair b = NODES.get(1);
        KeyPair c = NODES.get(2);
        PublicKey serviceKey;
        try (TestControlPlane first = start(Map.of("logging.config", "classpath:log-lines.xml"), EchoService.class)) {
            serviceKey = first.room(ServiceKeys.class).service().publicKey();
            first.room(NodeDirectory.class).seen(a.publicKey(), "test/1");
            link(first, a, b);
            link(first, b, c);
            await().atMost(SOON)
                    .until(() -> first.room(TopologySource.class).current().transportCount() == 2);
            assertThat(output.getOut())
                    .containsPattern("INFO  ReadyLine - ready http=127\\.0\\.0\\.1:" + first.httpPort()
                            + " grpc=127\\.0\\.0\\.1:" + first.grpcPort() + " service_key=" + serviceKey.hex()
                            + " setup_key=[0-9a-f]{66}\n");
        }
        try (TestControlPlane second = start(Map.of())) {
            assertThat(second.room(ServiceKeys.class).service().publicKey()).isEqualTo(serviceKey);
            assertThat(second.room(TopologySource.class).current().transportCount())
                    .isEqualTo(2);
            assertThat(second.room(NodeDirectory.class).isKnown(a.publicKey())).isTrue();
            assertThat(second.room(NodeDirectory.class).isKnown(b.publicKey())).isFalse();
            RouteAnswer answer = second.room(RouteFinder.class)
                    .find(new RouteQuery(a.publicKey(), c.publicKey(), 0, 3, 1, Set.of(), Set.of()));
            assertThat(answer).isInstanceOf(RouteAnswer.Found.class);

            second.room(TransportRegistry.class).report(b.publicKey(), ReportKind.WHOLE_VIEW, List.of());
            await().atMost(SOON)
                    .until(() -> second.room(TopologySource.class).current().transportCount() == 0);
            assertThat(second.room(RouteFinder.class)
                            .find(new RouteQuery(a.publicKey(), c.publicKey(), 0, 3, 1, Set.of(), Set.of())))
                    .isInstanceOf(RouteAnswer.NoRoute.class);
        }
    }

    @Test
    void prometheusReadsOurMetricsAndEachNameHasOneType() throws Exception {
        try (TestControlPlane plane = start(Map.of())) {
            HttpResponse<String> metrics = get(plane, "/actuator/prometheus");

            assertThat(metrics.statusCode()).isEqualTo(200);
            assertThat(metrics.body())
                    .contains("skywire_topology_transports")
                    .contains("skywire_discovery_signature_checks_total")
                    .contains("jvm_memory_used_bytes");
            assertThat(metrics.body().lines().filter(line -> line.startsWith("# TYPE")))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void answersProblemsInTheStandardForm() throws Exception {
        try (TestControlPlane plane = start(Map.of())) {
            HttpResponse<String> missing = get(plane, "/nothing-here");

            assertThat(missing.statusCode()).isEqualTo(404);
            assertThat(missing.headers().firstValue("content-type")).contains("application/problem+json");
        }
    }

    @Test
    void grpcCallsRunOnVirtualThreadsAndMessagesHaveALimit() throws Exception {
        try (TestControlPlane plane = start(Map.of(), EchoService.class)) {
            ManagedChannel channel = ManagedChannelBuilder.forAddress("127.0.0.1", plane.grpcPort())
                    .usePlaintext()
                    .build();
            try {
                assertThat(echo(channel, 1024 * 1024)).isEqualTo("true");
                assertThatThrownBy(() -> echo(channel, 1024 * 1024 + 1))
                        .isInstanceOf(StatusRuntimeException.class)
                        .extracting(e -> Status.fromThrowable(e).getCode())
                        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            } finally {
                channel.shutdownNow();
                assertThat(channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    @Test
    void aBadKeyFileEndsTheStartAndIsNamed(CapturedOutput output) throws IOException {
        Path key = Files.writeString(home.resolve("setup.key"), "half a key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));

        assertThatThrownBy(() -> start(Map.of()).close()).isInstanceOf(Exception.class);

        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START")
                .contains("key file " + key)
                .doesNotContain("half a key");
    }

    @Test
    void writesOneLinePerEventEvenWithAStackTrace(CapturedOutput output) {
        try (TestControlPlane plane = start(Map.of("logging.config", "classpath:log-lines.xml"))) {
            LoggerFactory.getLogger("Forger")
                    .warn("two\nlines\r\n2026-11-22T00:00:00.000Z INFO  Forged - event", new IOException("disk\nfull"));

            assertThat(output.getOut().lines().filter(line -> line.contains("Forge")))
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .contains("Forger - two | lines | 2026-11-22T00:00:00.000Z INFO  Forged - event | java.io")
                            .contains("disk | full | at "));
            assertThat(output.getOut().lines()).noneMatch(line -> line.endsWith("|"));
            assertThat(plane.httpPort()).isPositive();
        }
    }

    @Test
    void writesJsonWhenAskedTo(CapturedOutput output) {
        try (TestControlPlane plane =
                start(Map.of("skywire.json-log", "true", "logging.config", "classpath:log-json.xml"))) {
            assertThat(output.getOut().lines().filter(line -> line.contains("ready http=")))
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .startsWith("{\"")
                            .endsWith("}")
                            .contains("\"level\":\"INFO\"")
                            .contains(":" + plane.httpPort()));
        }
    }

    @Test
    void letsClientsConnectElsewhereOnceItTakesNoMoreWork() throws Exception {
        try (TestControlPlane plane = start(Map.of())) {
            assertThat(get(plane, "/health").headers().firstValue("connection")).isEmpty();

            plane.room(ApplicationAvailabilityBean.class)
                    .onApplicationEvent(new AvailabilityChangeEvent<>(this, ReadinessState.REFUSING_TRAFFIC));

            HttpResponse<String> last = get(plane, "/health");
            assertThat(last.statusCode()).isEqualTo(200);
            assertThat(last.headers().firstValue("connection")).contains("close");
        }
    }

    private TestControlPlane start(Map<String, String> settings, Class<?>... beans) {
        return TestControlPlane.start(POSTGRES.database().url(), home, settings, beans);
    }

    private static void link(TestControlPlane plane, KeyPair one, KeyPair other) {
        SignedTransport transport = SignedTransport.signedByBoth(
                TransportEntry.between(one.publicKey(), other.publicKey(), TransportType.TCP), one, other);
        TransportClaim claim = new TransportClaim(transport, LinkState.UP, Optional.of(Duration.ofMillis(5)), 16_384);
        TransportRegistry registry = plane.room(TransportRegistry.class);
        registry.report(one.publicKey(), ReportKind.CHANGES, List.of(claim));
        registry.report(other.publicKey(), ReportKind.CHANGES, List.of(claim));
    }

    static HttpResponse<String> get(TestControlPlane plane, String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + plane.httpPort() + path))
                            .timeout(SOON)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String echo(ManagedChannel channel, int size) {
        return new String(
                ClientCalls.blockingUnaryCall(
                        channel,
                        EchoService.METHOD,
                        CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS),
                        new byte[size]),
                java.nio.charset.StandardCharsets.US_ASCII);
    }

    /// Answers whether it runs on a virtual thread.
    @Configuration(proxyBeanMethods = false)
    static class EchoService {
        static final MethodDescriptor<byte[], byte[]> METHOD = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("test.Echo/Echo")
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();

        @Bean
        BindableService echo() {
            return () -> ServerServiceDefinition.builder("test.Echo")
                    .addMethod(METHOD, ServerCalls.asyncUnaryCall((request, response) -> {
                        response.onNext(Boolean.toString(Thread.currentThread().isVirtual())
                                .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                        response.onCompleted();
                    }))
                    .build();
        }
    }

    private record Bytes() implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
