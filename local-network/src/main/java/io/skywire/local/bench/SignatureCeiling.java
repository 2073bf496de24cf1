package io.skywire.local.bench;

import io.skywire.local.bench.Visor.SignedRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// What checking signatures alone can do on all cores of this machine: per request the request's own signature over
/// body and nonce, and two for each transport in it. Nothing is parsed, stored or answered.
final class SignatureCeiling {
    private static final Duration STRETCH = Duration.ofMillis(2500);

    private final List<SignedRequest> sample;

    SignatureCeiling(List<SignedRequest> sample) {
        this.sample = sample;
    }

    /// Registrations whose signatures were checked, and the time it took.
    record Checked(long transports, Duration time) {
        double perSecond() {
            return transports / (time.toNanos() / 1e9);
        }

        Checked plus(Checked more) {
            return new Checked(transports + more.transports, time.plus(more.time));
        }
    }

    /// Checks for a few seconds.
    Checked measure() {
        int cores = Runtime.getRuntime().availableProcessors();
        AtomicInteger turn = new AtomicInteger();
        try (ExecutorService threads = Executors.newFixedThreadPool(cores)) {
            long start = System.nanoTime();
            Callable<Long> checker = () -> {
                long checked = 0;
                while (System.nanoTime() - start < STRETCH.toNanos()) {
                    SignedRequest request = sample.get(turn.getAndIncrement() % sample.size());
                    if (!request.isGood()) {
                        throw new IOException("a signature that was made here is not good");
                    }
                    checked += request.transports().size();
                }
                return checked;
            };
            long checked = Crowd.all(threads, Collections.nCopies(cores, checker)).stream()
                    .mapToLong(Long::longValue)
                    .sum();
            return new Checked(checked, Duration.ofNanos(System.nanoTime() - start));
        }
    }
}
