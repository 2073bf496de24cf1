package io.skywire.node.loops;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoopUsageTest {
    private static final int ARRAY = 8 << 20;

    private final EventLoopGroup loops = EventLoops.open("usage", 2);

    @AfterEach
    void end() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void countsWhatTheLoopsAllocateAndNothingElse() throws Exception {
        LoopUsage usage = LoopUsage.of(loops);
        long before = usage.allocatedBytes();

        byte[] elsewhere = new byte[4 * ARRAY];
        int onBoth = loops.next().submit(() -> new byte[ARRAY].length).get(30, TimeUnit.SECONDS)
                + loops.next().submit(() -> new byte[ARRAY].length).get(30, TimeUnit.SECONDS);

        assertThat(usage.allocatedBytes() - before).isBetween((long) onBoth, (long) elsewhere.length);
    }

    @Test
    void countsTheProcessorTimeOfLoops() throws Exception {
        LoopUsage usage = LoopUsage.of(loops);
        var before = usage.cpuTime();

        loops.next()
                .submit(() -> {
                    while (usage.cpuTime().minus(before).toMillis() < 5) {
                        Thread.onSpinWait();
                    }
                })
                .get(30, TimeUnit.SECONDS);

        assertThat(usage.cpuTime()).isGreaterThan(before);
    }
}
