package io.skywire.local.simulation.virtual;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.PriorityQueue;

/// Time that passes only from one event to the next. Events of one moment happen in the order in which they were asked
/// for, so the same run gives the same order. For one thread.
final class VirtualTime implements InstantSource {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final long MOST_EVENTS = 20_000_000;

    private final PriorityQueue<Event> queue = new PriorityQueue<>();
    private long now;
    private long numbers;
    private long ran;

    private record Event(long at, long number, Runnable task) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(at, other.at);
            return byTime == 0 ? Long.compare(number, other.number) : byTime;
        }
    }

    /// A clock like `System::nanoTime`.
    long nanos() {
        return now;
    }

    @Override
    public Instant instant() {
        return BEGIN.plusNanos(now);
    }

    void after(Duration delay, Runnable task) {
        after(delay.toNanos(), task);
    }

    void after(long nanos, Runnable task) {
        queue.add(new Event(now + Math.max(0, nanos), numbers++, task));
    }

    /// Lets everything happen that is due in the next `duration`.
    void pass(Duration duration) {
        long end = now + duration.toNanos();
        for (Event next = queue.peek(); next != null && next.at <= end; next = queue.peek()) {
            queue.remove();
            now = next.at;
            if (++ran > MOST_EVENTS) {
                throw new IllegalStateException("a run without end: " + ran + " events by " + instant());
            }
            next.task.run();
        }
        now = end;
    }

    long events() {
        return ran;
    }
}
