package io.skywire.local.simulation.virtual;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The oracle sees what it is there for: each planted flaw shows within a few seeds, under the invariant that it
/// breaks.
class InvariantsTest {
    private static final int SEEDS = 25;

    private final Identities identities = new Identities(10);

    @ParameterizedTest
    @CsvSource({
        "TELLS_RELAYS_THE_ENDS, I1",
        "OBEYS_STRANGERS, I2",
        "INVENTS_A_RULE, I2",
        "ANSWERS_UNPROBED, I3",
        "LEAVES_RULES_BEHIND, I4",
        "BELIEVES_ONE_EDGE, I5",
        "FORGETS_WITHOUT_CONTROL, I6",
        "ANSWERS_UNWRITTEN, I7",
        "QUEUES_WITHOUT_BOUND, I8",
        "LOGS_A_SECRET, I9"
    })
    void noticesAFlaw(Flaw flaw, String invariant) {
        List<String> seen = new ArrayList<>();
        for (long seed = 1; seed <= SEEDS && seen.stream().noneMatch(how -> how.startsWith(invariant)); seed++) {
            seen.addAll(new VirtualNetwork(Conditions.troubled(seed).with(flaw), identities)
                    .run()
                    .violations());
        }

        assertThat(seen).anyMatch(how -> how.startsWith(invariant + ":"));
    }

    @Test
    void seesNothingWhereThereIsNoFlaw() {
        List<VirtualNetwork.Verdict> verdicts = IntStream.rangeClosed(1, 5)
                .mapToObj(seed -> new VirtualNetwork(Conditions.troubled(seed), identities).run())
                .toList();

        assertThat(verdicts)
                .allSatisfy(verdict ->
                        assertThat(verdict.violations()).as(verdict.told()).isEmpty());
    }
}
