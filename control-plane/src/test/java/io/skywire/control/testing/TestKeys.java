package io.skywire.control.testing;

import io.skywire.shared.key.KeyPair;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Key pairs from a seed, the same in every run. Never for anything but tests.
public final class TestKeys {
    private TestKeys() {}

    public static List<KeyPair> pairs(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return Stream.generate(() -> KeyPair.generate(random)).limit(count).toList();
    }
}
