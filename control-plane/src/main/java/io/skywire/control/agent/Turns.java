package io.skywire.control.agent;

import io.skywire.control.platform.DatabaseReach;
import io.skywire.control.platform.Replicas;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.stereotype.Component;

/// Lets few sessions at a time work on the database, in the order in which they came. Thousands of agents that come
/// back at once would else take all connections from everybody else and give up on each other's waiting.
@Component
final class Turns {
    private final Semaphore turns;
    private final Duration patience;
    private final Replicas replicas;

    Turns(AgentSettings settings, Replicas replicas) {
        this.replicas = replicas;
        this.turns = new Semaphore(settings.databaseTurns(), true);
        this.patience = settings.patience();
    }

    /// @throws DataAccessResourceFailureException at once while the database is away
    /// @throws QueryTimeoutException if the turn does not come in time
    <T> T take(Supplier<T> work) {
        if (replicas.reach() instanceof DatabaseReach.Away away) {
            throw new DataAccessResourceFailureException("the database is away since " + away.since());
        }
        try {
            if (!turns.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new QueryTimeoutException("no turn on the database within " + patience);
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new QueryTimeoutException("interrupted while waiting for a turn on the database", ending);
        }
        try {
            return work.get();
        } finally {
            turns.release();
        }
    }
}
