package io.skywire.node.api;

import io.skywire.shared.key.PublicKey;
import java.time.Duration;
import java.util.List;

/// A wish for a session with `peer`.
public record DialRequest(PublicKey peer, Path path, Duration deadline) {
    public static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(20);

    /// Which route will do.
    public sealed interface Path {
        /// Any of `minHops` to `maxHops` transports; 0 leaves the bound to the control plane.
        record Any(int minHops, int maxHops) implements Path {}

        /// Through exactly these nodes, in order.
        record Via(List<PublicKey> intermediaries) implements Path {
            public Via {
                intermediaries = List.copyOf(intermediaries);
            }
        }
    }
}
