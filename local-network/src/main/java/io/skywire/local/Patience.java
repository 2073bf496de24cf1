package io.skywire.local;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// A bounded wait: asks again and again until the answer is yes or the deadline has passed.
public final class Patience {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private Patience() {}

    /// Whether `condition` came true within `limit`. An interrupted thread stops waiting.
    public static boolean until(Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline >= 0 || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        return true;
    }
}
