package io.skywire.node.api;

import io.skywire.shared.key.PublicKey;
import java.time.Duration;

/// A wish to measure `count` round trips to `peer`.
public record TraceRequest(PublicKey peer, int count) {
    public static final int DEFAULT_COUNT = 4;
    public static final int MOST = 100;

    /// By when the answer is due: a setup, and a second for each round trip.
    public Duration deadline() {
        return DialRequest.DEFAULT_DEADLINE.plusSeconds(count);
    }
}
