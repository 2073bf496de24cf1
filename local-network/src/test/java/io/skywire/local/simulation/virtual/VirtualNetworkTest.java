package io.skywire.local.simulation.virtual;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// `-Dsimulation.seeds=5000` runs more seeds, `-Dsimulation.first=SEED -Dsimulation.seeds=1` runs one again.
class VirtualNetworkTest {
    private final Identities identities = new Identities(10);

    @Test
    void anyScheduleOfFaultsKeepsTheInvariants() {
        long first = Long.getLong("simulation.first", 1);
        long seeds = Long.getLong("simulation.seeds", 60);

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
        String one = run(7).hash();

        assertThat(run(7).hash()).isEqualTo(one);
        assertThat(run(8).hash()).isNotEqualTo(one);
    }

    /// I10: whatever two networks of one JVM share would show in the other's run.
    @Test
    void networksSideBySideRunAsTheyDoAlone() throws Exception {
        List<String> alone = List.of(run(11).hash(), run(12).hash());

        VirtualNetwork one = new VirtualNetwork(Conditions.drawn(11), identities);
        VirtualNetwork other = new VirtualNetwork(Conditions.drawn(12), identities);
        List<String> together = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Future<VirtualNetwork.Verdict>> runs = List.of(threads.submit(one::run), threads.submit(other::run));
            for (Future<VirtualNetwork.Verdict> run : runs) {
                together.add(run.get().hash());
            }
        }

        assertThat(together).isEqualTo(alone);
    }

    @Test
    void aMinuteOfVirtualTimeIsMuchWork() {
        VirtualNetwork network = new VirtualNetwork(Conditions.drawn(3), identities);

        network.run();

        assertThat(Duration.ofNanos(network.time().nanos())).isGreaterThanOrEqualTo(Duration.ofMinutes(1));
        assertThat(network.time().events()).isGreaterThan(5_000);
    }

    private VirtualNetwork.Verdict run(long seed) {
        return new VirtualNetwork(Conditions.drawn(seed), identities).run();
    }
}
