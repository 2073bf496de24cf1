package io.skywire.node.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.node.api.LinkState;
import io.skywire.node.control.ControlWay;
import io.skywire.node.session.FlowDrop;
import io.skywire.node.transport.LetterDrop;
import io.skywire.node.transport.LinkFailure;
import io.skywire.shared.rule.SignedRuleDelta;
import io.skywire.shared.transport.TransportType;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MetricsServerTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress("127.0.0.1", 0);
    private static final Pattern SAMPLE = Pattern.compile("([a-z_][a-z0-9_]*)(\\{[^}]*})? (\\S+)");
    private static final Pattern LABELS = Pattern.compile("\\{([a-z]+=\"[^\"]*\",?)+}");

    private final Readings node = new Readings();
    private final HttpClient http = HttpClient.newHttpClient();
    private MetricsServer server;

    /// A node whose numbers the test sets.
    private static final class Readings implements NodeReadings {
        long forwarded = 12;
        Optional<Duration> age = Optional.empty();

        enum Drop {
            NO_RULE,
            QUEUE_FULL
        }

        @Override
        public long packetsForwarded() {
            return forwarded;
        }

        @Override
        public long bytesForwarded() {
            return 3400;
        }

        @Override
        public ByLabel<?> packetsDropped() {
            return new ByLabel<>(Drop.class, reason -> reason == Drop.NO_RULE ? 3 : 0);
        }

        @Override
        public long links(TransportType type, LinkState state) {
            return type.equals(TransportType.TCP) && state == LinkState.UP ? 2 : 0;
        }

        @Override
        public LinkTraffic linkTraffic(TransportType type) {
            return type.equals(TransportType.TCP) ? new LinkTraffic(8, 800, 9, 900, 4) : LinkTraffic.NONE;
        }

        @Override
        public long bytesQueued() {
            return 640;
        }

        @Override
        public long sessionsOpened() {
            return 11;
        }

        @Override
        public long sessionsEnded() {
            return 10;
        }

        @Override
        public long dialsFailed() {
            return 6;
        }

        @Override
        public long sessionsRefused() {
            return 7;
        }

        @Override
        public ByLabel<?> datagramsDropped() {
            return new ByLabel<>(DatagramDrop.class, reason -> reason == DatagramDrop.NO_ROUTE ? 5 : 0);
        }

        @Override
        public long failoversTimed() {
            return 2;
        }

        @Override
        public Duration failoverTime() {
            return Duration.ofMillis(2_600);
        }

        @Override
        public long slowFailovers() {
            return 1;
        }

        @Override
        public long loops() {
            return 3;
        }

        @Override
        public ByLabel<?> lettersRefused() {
            return new ByLabel<>(LetterDrop.class, reason -> reason == LetterDrop.REPLAYED ? 5 : 0);
        }

        @Override
        public ByLabel<?> linkFailures() {
            return new ByLabel<>(LinkFailure.class, kind -> kind == LinkFailure.WRONG_KEY ? 1 : 0);
        }

        @Override
        public long rules() {
            return 5;
        }

        @Override
        public ByLabel<?> ruleRefusals() {
            return new ByLabel<>(SignedRuleDelta.Refusal.class, Enum::ordinal);
        }

        @Override
        public ByLabel<?> failovers() {
            return new ByLabel<>(LinkFailure.class, kind -> 0);
        }

        @Override
        public long udpSent() {
            return 21;
        }

        @Override
        public long udpReceived() {
            return 20;
        }

        @Override
        public ByLabel<?> udpDropped() {
            return new ByLabel<>(FlowDrop.class, reason -> reason == FlowDrop.TOO_LARGE ? 4 : 0);
        }

        @Override
        public long brokenRoutesTold() {
            return 0;
        }

        @Override
        public ByLabel<?> controlSessions() {
            return new ByLabel<>(ControlWay.class, way -> way == ControlWay.MESSAGING ? 2 : 6);
        }

        @Override
        public ByLabel<?> controlSession() {
            return new ByLabel<>(ControlWay.class, way -> way == ControlWay.MESSAGING ? 1 : 0);
        }

        @Override
        public long routes() {
            return 1;
        }

        @Override
        public long sessions() {
            return 1;
        }

        @Override
        public long streams() {
            return 4;
        }

        @Override
        public long appliedRevision() {
            return 9;
        }

        @Override
        public Optional<Duration> appliedRevisionAge() {
            return age;
        }

        @Override
        public Optional<Duration> lastContactAge() {
            return age;
        }

        @Override
        public long rulesRestored() {
            return 3;
        }

        @Override
        public long ruleWritesFailed() {
            return 2;
        }

        @Override
        public long directMemory() {
            return 1 << 20;
        }

        @Override
        public long directMemoryBudget() {
            return 1 << 25;
        }

        @Override
        public long loopAllocatedBytes() {
            return 77;
        }

        @Override
        public Duration loopCpuTime() {
            return Duration.ofMillis(1_500);
        }
    }

    @BeforeEach
    void serve() throws Exception {
        server = MetricsServer.start(ANY_PORT, node);
    }

    @AfterEach
    void stop() {
        http.close();
        server.close();
    }

    private HttpResponse<String> get(String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
        return http.send(
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /// Series with its labels, and its value.
    private Map<String, Double> scrape() throws Exception {
        Map<String, Double> samples = new LinkedHashMap<>();
        for (String line : get("/metrics").body().lines().toList()) {
            if (!line.startsWith("#")) {
                Matcher sample = SAMPLE.matcher(line);
                assertThat(sample.matches()).as(line).isTrue();
                String labels = sample.group(2) == null ? "" : sample.group(2);
                samples.put(sample.group(1) + labels, Double.parseDouble(sample.group(3)));
            }
        }
        return samples;
    }

    @Test
    void showsEveryNumberOfTheNode() throws Exception {
        node.age = Optional.of(Duration.ofMillis(2500));

        assertThat(scrape())
                .containsEntry("skywire_node_packets_forwarded_total", 12.0)
                .containsEntry("skywire_node_forwarded_bytes_total", 3400.0)
                .containsEntry("skywire_node_packets_dropped_total{reason=\"no_rule\"}", 3.0)
                .containsEntry("skywire_node_packets_dropped_total{reason=\"queue_full\"}", 0.0)
                .containsEntry("skywire_node_links{state=\"up\",type=\"tcp\"}", 2.0)
                .containsEntry("skywire_node_links{state=\"waiting\",type=\"messaging\"}", 0.0)
                .containsEntry("skywire_node_link_failures_total{kind=\"wrong_key\"}", 1.0)
                .containsEntry("skywire_node_letters_refused_total{reason=\"replayed\"}", 5.0)
                .containsEntry("skywire_node_link_received_bytes_total{type=\"tcp\"}", 800.0)
                .containsEntry("skywire_node_link_sent_packets_total{type=\"tcp\"}", 9.0)
                .containsEntry("skywire_node_link_dropped_packets_total{type=\"messaging\"}", 0.0)
                .containsEntry("skywire_node_link_queued_bytes", 640.0)
                .containsEntry("skywire_node_failover_seconds_count", 2.0)
                .containsEntry("skywire_node_failover_seconds_sum", 2.6)
                .containsEntry("skywire_node_failovers_slow_total", 1.0)
                .containsEntry("skywire_node_dials_failed_total", 6.0)
                .containsEntry("skywire_node_datagrams_dropped_total{reason=\"no_route\"}", 5.0)
                .containsEntry("skywire_node_udp_sent_total", 21.0)
                .containsEntry("skywire_node_udp_received_total", 20.0)
                .containsEntry("skywire_node_udp_dropped_total{reason=\"too_large\"}", 4.0)
                .containsEntry("skywire_node_udp_dropped_total{reason=\"queue_full\"}", 0.0)
                .containsEntry("skywire_node_loops", 3.0)
                .containsEntry("skywire_node_rules", 5.0)
                .containsEntry("skywire_node_rule_refusals_total{reason=\"malformed\"}", 3.0)
                .containsEntry("skywire_node_control_sessions_total{via=\"direct\"}", 6.0)
                .containsEntry("skywire_node_control_session{via=\"messaging\"}", 1.0)
                .containsEntry("skywire_node_control_session{via=\"direct\"}", 0.0)
                .containsEntry("skywire_node_routes", 1.0)
                .containsEntry("skywire_node_sessions", 1.0)
                .containsEntry("skywire_node_streams", 4.0)
                .containsEntry("skywire_node_applied_revision", 9.0)
                .containsEntry("skywire_node_applied_revision_age_seconds", 2.5)
                .containsEntry("skywire_node_loop_allocated_bytes_total", 77.0)
                .containsEntry("skywire_node_loop_cpu_seconds_total", 1.5)
                .containsEntry("skywire_node_direct_memory_bytes", 1048576.0);
    }

    @Test
    void readsTheNodeAtEveryScrape() throws Exception {
        assertThat(scrape().get("skywire_node_applied_revision_age_seconds")).isNaN();

        node.forwarded = 13;
        assertThat(scrape()).containsEntry("skywire_node_packets_forwarded_total", 13.0);
    }

    @Test
    void showsTheBasicsOfTheJvm() throws Exception {
        assertThat(scrape().keySet())
                .anyMatch(name -> name.startsWith("jvm_memory_used_bytes{"))
                .anyMatch(name -> name.startsWith("jvm_threads_live_threads"))
                .anyMatch(name -> name.startsWith("process_uptime_seconds"))
                .anyMatch(name -> name.startsWith("process_cpu_usage"));
    }

    @Test
    void namesFollowTheConventionsAndNoLabelIsAKey() throws Exception {
        String text = get("/metrics").body();

        text.lines().filter(line -> line.startsWith("# TYPE skywire_node_")).forEach(line -> {
            String[] words = line.split(" ");
            assertThat(words[2].endsWith("_total")).as(line).isEqualTo(words[3].equals("counter"));
            assertThat(text).contains("# HELP " + words[2] + " ");
        });
        assertThat(scrape().keySet())
                .filteredOn(name -> name.startsWith("skywire_") && name.contains("{"))
                .isNotEmpty()
                .allMatch(name ->
                        LABELS.matcher(name.substring(name.indexOf('{'))).matches())
                .noneMatch(name -> name.matches(".*[0-9a-f]{10}.*"));
    }

    @Test
    void saysThatItLivesAndKnowsNoOtherPath() throws Exception {
        assertThat(get("/metrics").headers().firstValue("content-type"))
                .contains("text/plain; version=0.0.4; charset=utf-8");
        assertThat(get("/healthz").body()).isEqualTo("ok\n");
        assertThat(get("/healthz?verbose").statusCode()).isEqualTo(200);
        assertThat(get("/").statusCode()).isEqualTo(404);
    }

    @Test
    void namesAPortInUse() {
        assertThatThrownBy(() -> MetricsServer.start(server.address(), node))
                .isInstanceOf(MetricsStartException.class)
                .hasMessageContaining(
                        "cannot serve metrics at 127.0.0.1:" + server.address().getPort())
                .hasMessageContaining("in use");
    }
}
