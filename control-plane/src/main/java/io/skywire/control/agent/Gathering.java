package io.skywire.control.agent;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;

/// Gathers what many sessions ask at the same time into one call, which asks the database once for all of them. While
/// one call runs, the next gathers: alone nobody waits, in a crowd everybody shares. First come, first served, bounded.
/// Safe for any thread.
final class Gathering<Q, A> {
    private static final int RETRIES = 2;

    private record Asked<Q, A>(Q question, CompletableFuture<A> answer) {}

    private final ArrayBlockingQueue<Asked<Q, A>> waiting;
    private final int most;
    private final Duration patience;
    private final Function<List<Q>, List<A>> call;
    private final Executor threads;
    private final AtomicInteger signals = new AtomicInteger();

    /// @param bound how many questions may wait
    /// @param most how many questions one call takes
    /// @param call gives the answers in the order of the questions; runs on one thread at a time
    Gathering(String name, int bound, int most, Duration patience, Function<List<Q>, List<A>> call) {
        this.waiting = new ArrayBlockingQueue<>(bound);
        this.most = most;
        this.patience = patience;
        this.call = call;
        this.threads = task -> Thread.ofVirtual().name(name).start(task);
    }

    /// Waits for the answer. Throws what the call threw.
    ///
    /// @throws QueryTimeoutException if too many wait already, or the answer does not come in time
    A ask(Q question) {
        CompletableFuture<A> answer =
                begin(question).orElseThrow(() -> new QueryTimeoutException("too many sessions wait for the database"));
        try {
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new QueryTimeoutException("no answer of the database within " + patience, late);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new QueryTimeoutException("interrupted while waiting for the database", ending);
        } catch (java.util.concurrent.ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new CompletionException(failed.getCause());
        }
    }

    /// Asks without waiting; empty if too many wait already.
    Optional<CompletableFuture<A>> begin(Q question) {
        Asked<Q, A> asked = new Asked<>(question, new CompletableFuture<>());
        if (!waiting.offer(asked)) {
            return Optional.empty();
        }
        if (signals.getAndIncrement() == 0) {
            threads.execute(this::work);
        }
        return Optional.of(asked.answer());
    }

    private void work() {
        int seen;
        do {
            seen = signals.get();
            List<Asked<Q, A>> together = new ArrayList<>();
            while (waiting.drainTo(together, most) > 0) {
                answer(together);
                together.clear();
            }
        } while (signals.addAndGet(-seen) > 0);
    }

    private void answer(List<Asked<Q, A>> together) {
        try {
            List<A> answers = insist(together.stream().map(Asked::question).toList());
            for (int i = 0; i < answers.size(); i++) {
                together.get(i).answer().complete(answers.get(i));
            }
        } catch (RuntimeException failed) {
            together.forEach(asked -> asked.answer().completeExceptionally(failed));
        }
    }

    /// Hundreds stand behind this one call: it is not given up for a connection that did not come at once.
    private List<A> insist(List<Q> questions) {
        for (int left = RETRIES; left > 0; left--) {
            try {
                return call.apply(questions);
            } catch (CannotCreateTransactionException | CannotGetJdbcConnectionException noConnection) {
                // each has waited for one as long as the pool's settings say
            }
        }
        return call.apply(questions);
    }
}
