package io.skywire.control.blame;

import io.skywire.shared.key.PublicKey;
import io.skywire.shared.transport.TransportId;

/// Who or what is blamed.
public sealed interface Subject {
    record Node(PublicKey key) implements Subject {}

    /// A transport and its two edges, in either order.
    record Transport(TransportId id, PublicKey lower, PublicKey higher) implements Subject {
        public Transport {
            if (lower.compareTo(higher) > 0) {
                PublicKey first = lower;
                lower = higher;
                higher = first;
            }
        }
    }
}
