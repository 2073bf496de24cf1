package io.skywire.local;

import java.io.PrintStream;
import java.time.Duration;
import java.util.function.Supplier;

/// Tells a person at a terminal which long step is being done; says nothing when nobody looks.
@FunctionalInterface
public interface Progress {
    void say(String line);

    static Progress quiet() {
        return line -> {};
    }

    /// One line per finished step, with the time it took.
    static Progress to(PrintStream terminal) {
        return terminal::println;
    }

    default <T> T step(String what, Supplier<T> work) {
        long start = System.nanoTime();
        T result = work.get();
        say(String.format(
                "  %-44s %6.1f s",
                what, Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0));
        return result;
    }

    default void step(String what, Runnable work) {
        step(what, () -> {
            work.run();
            return what;
        });
    }
}
