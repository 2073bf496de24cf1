package io.skywire.control.discovery;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.shared.transport.SignedTransport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Verifies the signatures of transports on as many threads as there are cores. They are platform threads: thousands of
/// checks on a virtual thread would keep its carrier from everybody else. Safe for any thread.
final class SignatureChecks implements AutoCloseable {
    private static final int SLICE = 8;
    private static final int WAITING_SLICES = 4096;

    private final Counter checks;
    private final ThreadPoolExecutor threads;

    SignatureChecks(MeterRegistry meters) {
        checks = Counter.builder("skywire.discovery.signature.checks")
                .description("Transport entries whose two signatures were verified")
                .register(meters);
        int cores = Runtime.getRuntime().availableProcessors();
        threads = new ThreadPoolExecutor(
                cores,
                cores,
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(WAITING_SLICES),
                Thread.ofPlatform().name("signatures-", 0).daemon().factory(),
                new ThreadPoolExecutor.CallerRunsPolicy()); // who brings more than can wait does it itself
    }

    /// Those that do not carry a valid signature of each edge.
    Set<SignedTransport> unproven(Collection<SignedTransport> transports) {
        if (transports.isEmpty()) {
            return Set.of();
        }
        checks.increment(transports.size());
        List<SignedTransport> all = List.copyOf(transports);
        List<Callable<List<SignedTransport>>> slices = new ArrayList<>();
        for (int start = 0; start < all.size(); start += SLICE) {
            List<SignedTransport> slice = all.subList(start, Math.min(start + SLICE, all.size()));
            slices.add(() -> slice.stream().filter(one -> !one.isProven()).toList());
        }
        try {
            Set<SignedTransport> unproven = new HashSet<>();
            for (Future<List<SignedTransport>> slice : threads.invokeAll(slices)) {
                unproven.addAll(slice.get());
            }
            return unproven;
        } catch (ExecutionException bug) {
            throw new IllegalStateException(bug);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while signatures were checked", interrupted);
        }
    }

    @Override
    public void close() {
        threads.close();
    }
}
