package io.skywire.shared;

import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Runs a property over many seeded generators; a failure names its seed, so that it can be repeated.
public final class Seeds {
    private Seeds() {}

    public static RandomGenerator random(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    public static void forAll(int runs, Consumer<RandomGenerator> property) {
        for (long seed = 1; seed <= runs; seed++) {
            try {
                property.accept(random(seed));
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("fails with seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
    }
}
