package io.skywire.local.hosts;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;

/// A cable that is long and not good: each packet, in either direction, waits its turn at the line rate, is lost by
/// chance, and arrives after the delay. What comes faster than the rate waits in a queue; what finds it full is
/// dropped.
///
/// The two ends are network devices (TUN) whose packets a thread here takes and gives: this kernel needs no `netem`.
/// The losses are the same in every run with the same seed. Made by [Namespaces#longCable].
/// ```
///   host ── device ══ rate, queue ══ loss ══ delay ══ device ── host      the same in the other direction
/// ```
public final class LongCable implements AutoCloseable {
    private static final int LARGEST_PACKET = 65_536;
    private static final int READS_AT_ONCE = 256;
    private static final long IDLE_NANOS = 100_000_000;
    private static final long FINEST_NANOS = 200_000;
    private static final Duration END = Duration.ofSeconds(5);

    /// What a cable is like.
    ///
    /// @param delay of each direction
    /// @param loss the share of packets that are lost, 0 to 1
    /// @param queue how much time's worth of the line rate may wait in each direction
    public record Properties(Duration delay, double loss, long bitsPerSecond, Duration queue, long seed) {
        public Properties {
            if (delay.isNegative() || queue.isNegative() || loss < 0 || loss > 1 || bitsPerSecond < 1) {
                throw new IllegalArgumentException("no cable has " + delay + " delay, " + loss + " loss, "
                        + bitsPerSecond + " bit/s and " + queue + " of queue");
            }
        }

        public Properties withSeed(long other) {
            return new Properties(delay, loss, bitsPerSecond, queue, other);
        }
    }

    /// What became of the packets of both directions.
    public record Counts(long passed, long lost, long dropped) {}

    private record Waiting(byte[] packet, long due) {}

    private final Properties properties;
    private final int one;
    private final int other;
    private final LongAdder passed = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final Thread thread;
    private volatile boolean ending;

    private LongCable(Properties properties, int one, int other) {
        this.properties = properties;
        this.one = one;
        this.other = other;
        thread = Thread.ofPlatform().name("long-cable").daemon().unstarted(this::run);
    }

    static LongCable plug(Properties properties, int one, int other) {
        LongCable cable = new LongCable(properties, one, other);
        cable.thread.start();
        return cable;
    }

    public Counts counts() {
        return new Counts(passed.sum(), lost.sum(), dropped.sum());
    }

    private void run() {
        try (Kernel.Calls calls = new Kernel.Calls(one, other)) {
            Direction forth = new Direction(calls, one, other, properties.seed());
            Direction back = new Direction(calls, other, one, ~properties.seed());
            while (!ending) {
                long now = System.nanoTime();
                calls.await(Math.clamp(Math.min(forth.dueIn(now), back.dueIn(now)), FINEST_NANOS, IDLE_NANOS));
                forth.take();
                back.take();
                forth.give();
                back.give();
            }
        }
    }

    private final class Direction {
        private final Kernel.Calls calls;
        private final int from;
        private final int to;
        private final SplittableRandom chance;
        private final MemorySegment buffer;
        private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
        private long lineFree = System.nanoTime();

        Direction(Kernel.Calls calls, int from, int to, long seed) {
            this.calls = calls;
            this.from = from;
            this.to = to;
            this.chance = new SplittableRandom(seed);
            this.buffer = calls.buffer(LARGEST_PACKET);
        }

        long dueIn(long now) {
            Waiting first = waiting.peek();
            return first == null ? Long.MAX_VALUE : first.due() - now;
        }

        void take() {
            for (int i = 0; i < READS_AT_ONCE; i++) {
                int length = calls.read(from, buffer);
                if (length == 0) {
                    return;
                }
                enter(length);
            }
        }

        private void enter(int length) {
            long now = System.nanoTime();
            if (lineFree - now < 0) {
                lineFree = now;
            }
            if (lineFree - now > properties.queue().toNanos()) {
                dropped.increment();
                return;
            }
            lineFree += length * 8L * 1_000_000_000L / properties.bitsPerSecond();
            if (chance.nextDouble() < properties.loss()) {
                lost.increment();
                return;
            }
            byte[] packet = new byte[length];
            MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, packet, 0, length);
            waiting.add(new Waiting(packet, lineFree + properties.delay().toNanos()));
        }

        void give() {
            long now = System.nanoTime();
            for (Waiting next = waiting.peek(); next != null && next.due() - now <= 0; next = waiting.peek()) {
                waiting.remove();
                byte[] packet = next.packet();
                MemorySegment.copy(packet, 0, buffer, ValueLayout.JAVA_BYTE, 0, packet.length);
                if (calls.write(to, buffer, packet.length)) {
                    passed.increment();
                } else {
                    dropped.increment(); // the device is not up
                }
            }
        }
    }

    /// Pulls the cable out: its two devices are gone.
    @Override
    public void close() {
        ending = true;
        try {
            if (thread.join(END)) {
                Kernel.close(one);
                Kernel.close(other);
            }
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }
}
