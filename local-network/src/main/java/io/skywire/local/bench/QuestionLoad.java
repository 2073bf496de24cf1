package io.skywire.local.bench;

import io.skywire.local.NetworkFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// Askers that each ask the next question when they have the answer to the last one. For one thread.
final class QuestionLoad implements AutoCloseable {
    private static final int MOST_KEPT = 1 << 20;

    private final ExecutorService threads;
    private final List<Asker> askers;

    /// One that asks, over a connection of its own.
    interface Asker {
        /// Asks once and waits for the answer.
        ///
        /// @param question its number; the same number is the same question
        /// @throws NetworkFailure if the answer is not the one that is wanted
        void ask(int question) throws Exception;
    }

    QuestionLoad(int count, IntFunction<Asker> asker) {
        askers = IntStream.range(0, count).mapToObj(asker).toList();
        threads = Executors.newFixedThreadPool(count);
    }

    /// What came of it.
    record Answered(long[] nanos, double seconds) {
        double perSecond() {
            return nanos.length / seconds;
        }

        /// @param share 0 to 1
        double millis(double share) {
            return nanos[(int) Math.min(nanos.length - 1L, Math.round(share * nanos.length))] / 1e6;
        }
    }

    /// Asks for so long; at most a million answers of each asker are kept.
    Answered askFor(Duration time) {
        List<Callable<long[]>> work = new ArrayList<>();
        long end = System.nanoTime() + time.toNanos();
        for (int i = 0; i < askers.size(); i++) {
            int first = i * 7919;
            Asker asker = askers.get(i);
            work.add(() -> askUntil(asker, first, end));
        }
        long start = System.nanoTime();
        List<long[]> all = Crowd.all(threads, work);
        double seconds = (System.nanoTime() - start) / 1e9;
        long[] nanos = all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        if (nanos.length == 0) {
            throw new NetworkFailure("no question was answered in " + time);
        }
        return new Answered(nanos, seconds);
    }

    private static long[] askUntil(Asker asker, int first, long end) throws Exception {
        long[] nanos = new long[1024];
        int count = 0;
        for (long before = System.nanoTime(); before < end && count < MOST_KEPT; ) {
            asker.ask(first + count);
            long after = System.nanoTime();
            if (count == nanos.length) {
                nanos = Arrays.copyOf(nanos, 2 * count);
            }
            nanos[count++] = after - before;
            before = after;
        }
        return Arrays.copyOf(nanos, count);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
