package io.skywire.local.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.skywire.local.NetworkFailure;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class PhaseTimesTest {
    private static final List<String> SCRAPED =
            List.of("ack", "find", "install", "probe", "push", "sign", "validate", "write");

    private static String scrape(List<String> phases) {
        return phases.stream()
                .map(phase -> "skywire_setup_phase_seconds{phase=\"" + phase + "\",quantile=\"0.5\"} 1.2E-4\n"
                        + "skywire_setup_phase_seconds{phase=\"" + phase + "\",quantile=\"0.99\"} 0.7\n"
                        + "skywire_setup_phase_seconds_count{phase=\"" + phase + "\"} 12\n")
                .collect(Collectors.joining());
    }

    @Test
    void tellsMediansInTheOrderOfThePhases() {
        assertThat(PhaseTimes.parse(scrape(SCRAPED)))
                .containsOnlyKeys("validate", "find", "write", "push", "sign", "ack", "install", "probe")
                .containsEntry("sign", 120L);
        assertThat(PhaseTimes.parse(scrape(SCRAPED)).keySet()).startsWith("validate", "find", "write");
    }

    @Test
    void aPhaseThatIsNotToldIsAFailure() {
        assertThatThrownBy(() -> PhaseTimes.parse(scrape(SCRAPED.subList(1, SCRAPED.size()))))
                .isInstanceOf(NetworkFailure.class)
                .hasMessageContaining("ack");
    }
}
