package io.skywire.node.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.skywire.node.control.ReportGate.Told;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.LinkMeasurement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReportGateTest {
    private static final Instant START = Instant.parse("2026-11-22T12:00:00Z");
    private static final LinkMeasurement STEADY = measured(20, 0, 0, 0);

    private final ReportGate gate = new ReportGate(new Random(1));
    private final Told told = gate.tell(STEADY, List.of(), START);

    private static LinkMeasurement measured(int millis, int loss, int load, long throughput) {
        return new LinkMeasurement(Optional.of(Duration.ofMillis(millis)), loss, load, throughput);
    }

    private boolean isDue(LinkMeasurement now, Duration after) {
        return gate.isDue(told, now, List.of(), START.plus(after));
    }

    @Test
    void theFirstRoundTripIsToldAtOnce() {
        Told nothing = gate.tell(LinkMeasurement.NONE, List.of(), START);

        assertThat(gate.isDue(nothing, LinkMeasurement.NONE, List.of(), START)).isFalse();
        assertThat(gate.isDue(nothing, STEADY, List.of(), START)).isTrue();
    }

    @Test
    void noiseIsNotTold() {
        assertThat(isDue(measured(24, 4_000, 200_000, 100_000), Duration.ofMinutes(5)))
                .isFalse();
    }

    @Test
    void realChangesAreToldButNotInARow() {
        for (LinkMeasurement change :
                List.of(measured(40, 0, 0, 0), measured(20, 10_000, 0, 0), measured(20, 0, 400_000, 0))) {
            assertThat(isDue(change, ReportGate.LEAST.minusMillis(1))).isFalse();
            assertThat(isDue(change, ReportGate.LEAST)).isTrue();
        }
    }

    @Test
    void throughputAloneIsToldSeldom() {
        LinkMeasurement busy = measured(20, 0, 0, 50_000_000);

        assertThat(isDue(busy, ReportGate.LEAST_FOR_THROUGHPUT.minusMillis(1))).isFalse();
        assertThat(isDue(busy, ReportGate.LEAST_FOR_THROUGHPUT)).isTrue();
    }

    @Test
    void whatIsSteadyIsToldAgainBeforeItCountsAsOld() {
        assertThat(isDue(STEADY, ReportGate.REFRESH.multipliedBy(2).dividedBy(3).minusMillis(1)))
                .isFalse();
        assertThat(isDue(STEADY, ReportGate.REFRESH)).isTrue();
    }

    @Test
    void nodesThatStartedTogetherDoNotRefreshTogether() {
        long different = java.util.stream.IntStream.range(0, 100)
                .mapToObj(i -> gate.tell(STEADY, List.of(), START).refresh())
                .distinct()
                .count();

        assertThat(different).isGreaterThan(90);
    }

    @Test
    void otherRelaysAreToldAtOnce() {
        PublicKey relay = KeyPair.generate(new Random(2)).publicKey();

        assertThat(gate.isDue(told, STEADY, List.of(relay), START)).isTrue();
        assertThat(gate.isDue(gate.tell(STEADY, List.of(relay), START), STEADY, List.of(relay), START))
                .isFalse();
    }

    @Test
    void aClockThatWasSetBackSilencesNobody() {
        assertThat(isDue(STEADY, Duration.ofHours(-1))).isTrue();
    }
}
