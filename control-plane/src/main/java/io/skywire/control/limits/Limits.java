package io.skywire.control.limits;

import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import org.springframework.stereotype.Component;

/// All buckets of this replica. Each replica counts for itself.
@Component
final class Limits {
    final TokenBuckets<SourceNetwork> network;
    final TokenBuckets<PublicKey> key;
    final TokenBuckets<SourceNetwork> uptimes;
    final TokenBuckets<SourceNetwork> sessionsPerNetwork;
    final TokenBuckets<PublicKey> sessionsPerKey;
    final TokenBuckets<SourceNetwork> dialBacksPerNetwork;
    final TokenBuckets<PublicKey> dialBacksPerKey;

    Limits(LimitSettings settings, TimeMeter time, MeterRegistry meters) {
        int tracked = settings.tracked();
        network = new TokenBuckets<>(settings.network(), tracked, time, requests(meters, "network"));
        key = new TokenBuckets<>(settings.key(), tracked, time, requests(meters, "key"));
        uptimes = new TokenBuckets<>(settings.uptimes(), tracked, time, requests(meters, "uptimes"));
        sessionsPerNetwork =
                new TokenBuckets<>(settings.sessionsPerNetwork(), tracked, time, sessions(meters, "network"));
        sessionsPerKey = new TokenBuckets<>(settings.sessionsPerKey(), tracked, time, sessions(meters, "key"));
        dialBacksPerNetwork =
                new TokenBuckets<>(settings.dialBacksPerNetwork(), tracked, time, dialBacks(meters, "network"));
        dialBacksPerKey = new TokenBuckets<>(settings.dialBacksPerKey(), tracked, time, dialBacks(meters, "key"));
    }

    private static Counter dialBacks(MeterRegistry meters, String bucket) {
        return Counter.builder("skywire.dial.backs.limited")
                .description("questions to be dialled back that were refused because a token bucket was empty")
                .tag("bucket", bucket)
                .register(meters);
    }

    private static Counter requests(MeterRegistry meters, String bucket) {
        return Counter.builder("skywire.requests.limited")
                .description("HTTP requests answered 429 because a token bucket was empty")
                .tag("bucket", bucket)
                .register(meters);
    }

    private static Counter sessions(MeterRegistry meters, String bucket) {
        return Counter.builder("skywire.agent.sessions.limited")
                .description("agents' sessions refused because a token bucket was empty")
                .tag("bucket", bucket)
                .register(meters);
    }

    /// Whole seconds, rounded up, for `Retry-After`: a caller that waits so long finds a token.
    static long seconds(Duration wait) {
        return Math.max(1, wait.plusMillis(999).toSeconds());
    }
}
