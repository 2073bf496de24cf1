package io.skywire.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.control.testing.PostgresExtension;
import io.skywire.control.testing.TestControlPlane;
import io.skywire.shared.MetricsTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// `docs/metrics.md` says what the control plane shows, before anything has happened to it.
final class MetricsPageIT {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @TempDir
    Path home;

    @Test
    void everyMetricStandsOnThePageAsItIsAndNoneBeside() throws Exception {
        try (TestControlPlane plane = TestControlPlane.start(POSTGRES.database().url(), home, Map.of())) {
            ControlPlaneIT.get(plane, "/transports/edge:" + "02".repeat(33));
            ControlPlaneIT.get(plane, "/no/such/path/" + "02".repeat(33));
            String scrape = ControlPlaneIT.get(plane, "/actuator/prometheus").body();

            List<String> page = MetricsTable.ofPage("control-plane").stream()
                    .filter(row -> !row.contains(", later |"))
                    .toList();
            assertThat(MetricsTable.of(scrape)).containsExactlyInAnyOrderElementsOf(page);
            assertThat(scrape).contains("http_server_requests_seconds_count{");
            assertThat(MetricsTable.withKeys(scrape)).isEmpty();
        }
    }
}
