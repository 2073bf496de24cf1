package io.skywire.control.limits;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.Optional;

/// One token bucket for each of many callers. Safe for any thread.
///
/// Memory is bounded: no more buckets than `tracked`, and one that was not asked for during a whole period is full
/// again and forgotten. Who is forgotten begins anew with a full bucket, so a caller with more addresses than are
/// tracked is not limited by this; the cache keeps those that ask often.
final class TokenBuckets<K> {
    private final Allowance allowance;
    private final TimeMeter time;
    private final Counter limited;
    private final Cache<K, Bucket> buckets;

    TokenBuckets(Allowance allowance, int tracked, TimeMeter time, Counter limited) {
        this.allowance = allowance;
        this.time = time;
        this.limited = limited;
        this.buckets = Caffeine.newBuilder()
                .maximumSize(tracked)
                .expireAfterAccess(allowance.period())
                .ticker(time::currentTimeNanos)
                .build();
    }

    /// Takes one token. Empty if there was one; else how long until there is.
    Optional<Duration> take(K caller) {
        ConsumptionProbe probe = buckets.get(caller, unused -> fresh()).tryConsumeAndReturnRemaining(1);
        if (probe.isConsumed()) {
            return Optional.empty();
        }
        limited.increment();
        return Optional.of(Duration.ofNanos(probe.getNanosToWaitForRefill()));
    }

    private Bucket fresh() {
        return bucket(allowance, time);
    }

    static Bucket bucket(Allowance allowance, TimeMeter time) {
        return Bucket.builder()
                .addLimit(
                        limit -> limit.capacity(allowance.count()).refillGreedy(allowance.count(), allowance.period()))
                .withCustomTimePrecision(time)
                .build();
    }

    long tracked() {
        buckets.cleanUp();
        return buckets.estimatedSize();
    }
}
