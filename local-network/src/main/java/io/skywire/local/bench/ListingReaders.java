package io.skywire.local.bench;

import io.skywire.local.NetworkFailure;
import io.skywire.local.bench.HttpLane.Answer;
import io.skywire.local.bench.HttpLane.Pace;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Readers of `GET /all-transports`. For one thread.
final class ListingReaders implements AutoCloseable {
    /// An entry has 200 bytes and more; a shorter list lacks some.
    private static final long LEAST = 200L * VisorNetwork.TRANSPORTS;

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final URI base;
    private final byte[] request;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Future<Answer>> slow = new ArrayList<>();

    ListingReaders(URI base) {
        this.base = base;
        this.request = HttpLane.get(base, "/all-transports");
    }

    /// Whole lists a second that this many readers get, each as fast as it can.
    double measure(int readers, Duration stretch) {
        long start = System.nanoTime();
        Callable<Long> reader = () -> {
            long read = 0;
            try (HttpLane lane = new HttpLane(base)) {
                while (System.nanoTime() - start < stretch.toNanos()) {
                    requireWhole(lane.send(request));
                    read++;
                }
            }
            return read;
        };
        long read = Crowd.all(threads, Collections.nCopies(readers, reader)).stream()
                .mapToLong(Long::longValue)
                .sum();
        return read / ((System.nanoTime() - start) / 1e9);
    }

    /// Starts readers that take one list each, at this pace.
    void startSlow(int readers, Pace pace) {
        for (int i = 0; i < readers; i++) {
            slow.add(threads.submit(() -> {
                try (HttpLane lane = new HttpLane(base, pace)) {
                    return requireWhole(lane.send(request));
                }
            }));
        }
    }

    /// How many slow readers are still reading.
    long reading() {
        return slow.stream().filter(one -> !one.isDone()).count();
    }

    /// Waits until every slow reader has its whole list; gives how many did.
    int awaitSlow() {
        int whole = 0;
        for (Future<Answer> one : slow) {
            try {
                one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                whole++;
            } catch (ExecutionException | TimeoutException broken) {
                // counted by what is missing
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new NetworkFailure("interrupted");
            }
        }
        return whole;
    }

    private static Answer requireWhole(Answer answer) throws IOException {
        if (answer.status() != 200 || answer.bytes() < LEAST) {
            throw new IOException("not the whole list: " + answer);
        }
        return answer;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
