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

    /// Twelve of each phase, half of them below 0.1 ms, all below 0.3 ms, times `factor`.
    private static String scrape(List<String> phases, int factor) {
        return phases.stream()
                .map(phase -> bucket("1.0E-4", phase, 6 * factor)
                        + bucket("3.0E-4", phase, 12 * factor)
                        + bucket("+Inf", phase, 12 * factor)
                        + "skywire_setup_phase_seconds_count{phase=\"" + phase + "\"} " + 12 * factor + "\n")
                .collect(Collectors.joining());
    }

    private static String bucket(String bound, String phase, int count) {
        return "skywire_setup_phase_seconds_bucket{le=\"" + bound + "\",phase=\"" + phase + "\"} " + count + "\n";
    }

    @Test
    void tellsMediansInTheOrderOfThePhases() {
        assertThat(PhaseTimes.medianMicros("", scrape(SCRAPED, 1)))
                .containsEntry("sign", 100L)
                .hasSize(8)
                .extractingByKeys("validate", "find")
                .doesNotContainNull();
        assertThat(PhaseTimes.medianMicros("", scrape(SCRAPED, 1)).keySet())
                .containsExactly("validate", "find", "write", "push", "sign", "ack", "install", "probe");
    }

    @Test
    void countsOnlyWhatCameSince() {
        String later = scrape(SCRAPED, 1)
                .replace("\"3.0E-4\",phase=\"find\"} 12", "\"3.0E-4\",phase=\"find\"} 16")
                .replace("\"+Inf\",phase=\"find\"} 12", "\"+Inf\",phase=\"find\"} 16");

        assertThat(PhaseTimes.medianMicros(scrape(SCRAPED, 1).replaceAll("} 12\n", "} 6\n"), later))
                .containsEntry("find", 200L);
    }

    @Test
    void aPhaseThatIsNotToldIsAFailure() {
        assertThatThrownBy(() -> PhaseTimes.medianMicros("", scrape(SCRAPED.subList(1, SCRAPED.size()), 1)))
                .isInstanceOf(NetworkFailure.class)
                .hasMessageContaining("ack");
        assertThatThrownBy(() -> PhaseTimes.medianMicros(scrape(SCRAPED, 1), scrape(SCRAPED, 1)))
                .isInstanceOf(NetworkFailure.class)
                .hasMessageContaining("validate");
    }
}
