package io.skywire.node.loops;

import com.sun.management.ThreadMXBean;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.stream.StreamSupport;

/// What the threads of a group of loops have used since they began, both in total. Safe for any thread.
public final class LoopUsage {
    private final ThreadMXBean threads;
    private final long[] ids;

    private LoopUsage(ThreadMXBean threads, long[] ids) {
        this.threads = threads;
        this.ids = ids;
    }

    /// Starts the loops that have not begun yet.
    public static LoopUsage of(EventLoopGroup loops) {
        long[] ids = StreamSupport.stream(loops.spliterator(), false)
                .map(SingleThreadEventExecutor.class::cast)
                .mapToLong(loop -> loop.threadProperties().id())
                .toArray();
        return new LoopUsage((ThreadMXBean) ManagementFactory.getThreadMXBean(), ids);
    }

    /// How many loops there are.
    public int loops() {
        return ids.length;
    }

    /// Bytes of heap that the loops have taken, whether collected since or not.
    public long allocatedBytes() {
        return sum(threads.getThreadAllocatedBytes(ids));
    }

    /// Processor time of the loops, in user and kernel mode together.
    public Duration cpuTime() {
        return Duration.ofNanos(sum(threads.getThreadCpuTime(ids)));
    }

    /// A thread that has ended counts as -1.
    private static long sum(long[] each) {
        long sum = 0;
        for (long one : each) {
            sum += Math.max(0, one);
        }
        return sum;
    }
}
