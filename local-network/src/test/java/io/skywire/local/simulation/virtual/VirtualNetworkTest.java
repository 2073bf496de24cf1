package io.skywire.local.simulation.virtual;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// `-Dsimulation.seeds=5000` runs more of them, `-Dsimulation.first=SEED -Dsimulation.seeds=1` runs one again.
class VirtualNetworkTest {
    private final Identities identities = new Identities(10);

    @Test
    void anyScheduleOfFaultsKeepsTheInvariants() {
        long first = Long.getLong("simulation.first", 1);
        long seeds = Long.getLong("simulation.seeds", 150);

        List<VirtualNetwork.Verdict> verdicts = LongStream.range(first, first + seeds)
                .mapToObj(seed -> new VirtualNetwork(Conditions.drawn(seed), identities).run())
                .toList();

        assertThat(verdicts)
                .allSatisfy(verdict ->
                        assertThat(verdict.violations()).as(verdict.told()).isEmpty());
        assertThat(verdicts.stream()
                        .mapToInt(VirtualNetwork.Verdict::established)
                        .sum())
                .as("setups that succeeded, without which nothing was tried")
                .isGreaterThan((int) seeds);
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        VirtualNetwork.Verdict one = new VirtualNetwork(Conditions.drawn(7), identities).run();
        VirtualNetwork.Verdict again = new VirtualNetwork(Conditions.drawn(7), identities).run();
        VirtualNetwork.Verdict other = new VirtualNetwork(Conditions.drawn(8), identities).run();

        assertThat(again.hash()).isEqualTo(one.hash());
        assertThat(other.hash()).isNotEqualTo(one.hash());
    }
}
