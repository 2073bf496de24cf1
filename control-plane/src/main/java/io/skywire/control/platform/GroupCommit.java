package io.skywire.control.platform;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.dao.TransientDataAccessResourceException;
import org.springframework.transaction.TransactionException;

/// Writes what many callers want to write at the same moment in one transaction, and answers each after its commit.
///
/// While one group is being written the next one gathers, so groups grow with the load and a caller alone waits for
/// nobody. One thread writes, hence in the order of arrival. Where a group fails for another reason than the
/// database's absence, each of it is tried alone: one bad item costs no good one. Safe for any thread.
///
/// @param <T> what a caller brings
/// @param <R> what it gets back
public final class GroupCommit<T, R> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final Duration END = Duration.ofSeconds(5);

    private final String name;
    private final Limits limits;
    private final Writing<T, R> writing;
    private final BlockingQueue<Waiting<T, R>> queue;
    private final DistributionSummary sizes;
    private final Thread writer;
    private volatile boolean ended;

    /// @param waiting how many items may wait; beyond, a caller waits for a place and then hears of the outage
    /// @param together how many items one transaction takes at most
    public record Limits(int waiting, int together) {}

    /// Writes a group in one transaction and returns after its commit.
    @FunctionalInterface
    public interface Writing<T, R> {
        /// @return one answer for each of the group, in its order
        List<R> write(List<T> group);
    }

    /// @param name of the thread and in `skywire.group.commit.size`
    public GroupCommit(String name, Limits limits, MeterRegistry meters, Writing<T, R> writing) {
        this.name = name;
        this.limits = limits;
        this.writing = writing;
        queue = new ArrayBlockingQueue<>(limits.waiting());
        sizes = DistributionSummary.builder("skywire.group.commit.size")
                .description("Requests that were written in one transaction")
                .tag("what", name)
                .register(meters);
        writer = Thread.ofPlatform().name(name).daemon().start(this::work);
    }

    private record Waiting<T, R>(T item, CompletableFuture<R> answer) {}

    /// Waits until the item is committed, or says why it is not.
    ///
    /// @throws QueryTimeoutException if it takes longer than 10 s; then nobody knows whether it was written
    public R submit(T item) {
        Waiting<T, R> waiting = new Waiting<>(item, new CompletableFuture<>());
        try {
            if (ended || !queue.offer(waiting, DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new TransientDataAccessResourceException(name + ": too many wait for the database");
            }
            return waiting.answer().get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new QueryTimeoutException(name + ": not written within " + DEADLINE, late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new QueryTimeoutException(name + ": interrupted", interrupted);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(failed.getCause());
        }
    }

    /// How many wait for the next group.
    int waiting() {
        return queue.size();
    }

    private void work() {
        List<Waiting<T, R>> group = new ArrayList<>();
        while (!ended) {
            try {
                group.add(queue.take());
            } catch (InterruptedException toldToEnd) {
                break;
            }
            queue.drainTo(group, limits.together() - 1);
            sizes.record(group.size());
            write(group);
            group.clear();
        }
    }

    private void write(List<Waiting<T, R>> group) {
        try {
            List<R> answers = writing.write(group.stream().map(Waiting::item).toList());
            for (int i = 0; i < group.size(); i++) {
                group.get(i).answer().complete(answers.get(i));
            }
        } catch (RuntimeException failure) {
            if (group.size() == 1 || isOutage(failure)) {
                group.forEach(waiting -> waiting.answer().completeExceptionally(failure));
            } else {
                LOG.debug("{}: a group of {} failed, each is tried alone", name, group.size(), failure);
                group.forEach(waiting -> write(List.of(waiting)));
            }
        } catch (Error fatal) {
            group.forEach(waiting -> waiting.answer().completeExceptionally(fatal));
            throw fatal;
        }
    }

    private static boolean isOutage(RuntimeException failure) {
        return failure instanceof TransactionException
                || failure instanceof NonTransientDataAccessResourceException
                || failure instanceof TransientDataAccessResourceException
                || !(failure instanceof DataAccessException);
    }

    /// Ends after the group that is being written; who waits still hears that nothing was written.
    @Override
    public void close() {
        ended = true;
        writer.interrupt();
        try {
            if (!writer.join(END)) {
                LOG.warn("{} has not ended within {}", name, END);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        for (Waiting<T, R> left = queue.poll(); left != null; left = queue.poll()) {
            left.answer()
                    .completeExceptionally(new TransientDataAccessResourceException(name + ": the control plane ends"));
        }
    }
}
