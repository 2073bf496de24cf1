package io.skywire.node.cli;

import io.skywire.node.api.Phase;
import java.util.List;
import java.util.stream.Collectors;

/// How a route came about, in words. Counts hops and names none.
final class Setup {
    private Setup() {}

    static String line(int hops, int attempts, List<Phase> phases) {
        if (phases.isEmpty()) {
            return Readable.count(hops, "hop") + ", was up before";
        }
        return Readable.count(hops, "hop") + ", " + Readable.count(attempts, "attempt") + ", "
                + phases.stream()
                        .map(phase -> phase.name() + " " + Readable.millis(phase.took()))
                        .collect(Collectors.joining(", "));
    }
}
