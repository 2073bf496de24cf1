package io.skywire.local.simulation.virtual;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/// The timers of one life of a node, in virtual time. What is due after its end never runs.
final class VirtualTimers extends AbstractExecutorService implements ScheduledExecutorService {
    private final VirtualTime time;
    private boolean ended;
    private int waiting;

    VirtualTimers(VirtualTime time) {
        this.time = time;
    }

    /// How many tasks wait.
    int waiting() {
        return waiting;
    }

    @Override
    public void execute(Runnable command) {
        var unused = schedule(command, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        waiting++;
        time.after(unit.toNanos(delay), () -> {
            waiting--;
            if (!ended) {
                command.run();
            }
        });
        return new Forgotten();
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long initialDelay, long period, TimeUnit unit) {
        return schedule(
                () -> {
                    command.run();
                    var unused = scheduleAtFixedRate(command, period, period, unit);
                },
                initialDelay,
                unit);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initialDelay, long delay, TimeUnit unit) {
        return scheduleAtFixedRate(command, initialDelay, delay, unit);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException("the cores schedule no callables");
    }

    @Override
    public void shutdown() {
        ended = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        ended = true;
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return ended;
    }

    @Override
    public boolean isTerminated() {
        return ended;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return ended;
    }

    /// The cores keep no handle of what they schedule.
    private static final class Forgotten implements ScheduledFuture<Void> {
        @Override
        public long getDelay(TimeUnit unit) {
            throw unknown();
        }

        @Override
        public int compareTo(Delayed other) {
            throw unknown();
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            throw unknown();
        }

        @Override
        public boolean isCancelled() {
            throw unknown();
        }

        @Override
        public boolean isDone() {
            throw unknown();
        }

        @Override
        public Void get() {
            throw unknown();
        }

        @Override
        public Void get(long timeout, TimeUnit unit) {
            throw unknown();
        }

        private static UnsupportedOperationException unknown() {
            return new UnsupportedOperationException("virtual timers are not asked about");
        }
    }
}
