package io.skywire.local.bench;

import java.util.Arrays;
import java.util.List;

/// The figures of all repetitions of one thing.
record Samples(double[] sorted) {
    static Samples of(double... each) {
        double[] sorted = each.clone();
        Arrays.sort(sorted);
        return new Samples(sorted);
    }

    double median() {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// Smallest and largest, with `digits` after the point.
    List<Double> range(int digits) {
        return List.of(rounded(sorted[0], digits), rounded(sorted[sorted.length - 1], digits));
    }

    double median(int digits) {
        return rounded(median(), digits);
    }

    /// The value that so many hundredths do not exceed.
    double percentile(int hundredths) {
        return sorted[Math.max(0, (int) Math.ceil(sorted.length * hundredths / 100.0) - 1)];
    }

    static double rounded(double value, int digits) {
        double scale = Math.pow(10, digits);
        return Math.round(value * scale) / scale;
    }
}
