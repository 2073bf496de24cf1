package io.skywire.benchmarks;

import java.util.Arrays;

/// Times that were taken, in microseconds.
final class Percentiles {
    private final double[] sorted;

    Percentiles(long[] nanos) {
        sorted =
                Arrays.stream(nanos).mapToDouble(time -> time / 1000.0).sorted().toArray();
    }

    /// The nearest rank.
    double at(double percent) {
        return sorted[(int) Math.max(0, Math.ceil(sorted.length * percent / 100) - 1)];
    }

    double median() {
        return at(50);
    }
}
