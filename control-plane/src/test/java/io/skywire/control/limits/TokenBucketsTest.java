package io.skywire.control.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TokenBucketsTest {
    private final AtomicLong nanos = new AtomicLong(1);
    private final Counter limited = new SimpleMeterRegistry().counter("limited");

    @Test
    void givesTheAllowanceAtOnceAndThenEvenly() {
        TokenBuckets<String> buckets = buckets("4/1m", 10);

        assertThat(taken(buckets, "a", 4)).isEqualTo(4);
        assertThat(buckets.take("a")).contains(Duration.ofSeconds(15));
        pass(Duration.ofSeconds(14));
        assertThat(buckets.take("a")).contains(Duration.ofSeconds(1));
        pass(Duration.ofSeconds(1));
        assertThat(buckets.take("a")).isEmpty();
        assertThat(buckets.take("a")).isPresent();
        assertThat(limited.count()).isEqualTo(3);
    }

    @Test
    void countsEachCallerForItself() {
        TokenBuckets<String> buckets = buckets("2/1m", 10);

        assertThat(taken(buckets, "a", 5)).isEqualTo(2);
        assertThat(taken(buckets, "b", 5)).isEqualTo(2);
    }

    @Test
    void neverHoldsMoreThanTheAllowance() {
        TokenBuckets<String> buckets = buckets("3/1s", 10);
        buckets.take("a");

        pass(Duration.ofDays(1));

        assertThat(taken(buckets, "a", 10)).isEqualTo(3);
    }

    @Test
    void forgetsWhoIsQuietAndNeverRemembersMoreThanItsBound() {
        TokenBuckets<Integer> buckets = buckets("3/1s", 100);
        IntStream.range(0, 10_000).forEach(buckets::take);
        assertThat(buckets.tracked()).isLessThanOrEqualTo(100);

        pass(Duration.ofSeconds(2));

        assertThat(buckets.tracked()).isZero();
    }

    @Test
    void giveOneTokenToOneOfManyThreads() throws Exception {
        TokenBuckets<String> buckets = buckets("100/1h", 10);
        Callable<Integer> greedy = () -> taken(buckets, "a", 50);
        int taken = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (Future<Integer> one :
                    threads.invokeAll(List.of(greedy, greedy, greedy, greedy, greedy, greedy, greedy, greedy))) {
                taken += one.get();
            }
        }
        assertThat(taken).isEqualTo(100);
    }

    @Test
    void roundsTheWaitUpToWholeSeconds() {
        assertThat(Limits.seconds(Duration.ofNanos(1))).isEqualTo(1);
        assertThat(Limits.seconds(Duration.ofMillis(1000))).isEqualTo(1);
        assertThat(Limits.seconds(Duration.ofMillis(1001))).isEqualTo(2);
        assertThat(Limits.seconds(Duration.ofSeconds(15))).isEqualTo(15);
    }

    private static <K> int taken(TokenBuckets<K> buckets, K caller, int attempts) {
        return (int) IntStream.range(0, attempts)
                .filter(i -> buckets.take(caller).isEmpty())
                .count();
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private <K> TokenBuckets<K> buckets(String allowance, int tracked) {
        TimeMeter time = new TimeMeter() {
            @Override
            public long currentTimeNanos() {
                return nanos.get();
            }

            @Override
            public boolean isWallClockBased() {
                return false;
            }
        };
        return new TokenBuckets<>(Allowance.valueOf(allowance), tracked, time, limited);
    }
}
