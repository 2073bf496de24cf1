package io.skywire.node.session;

import io.skywire.shared.key.PublicKey;
import java.time.Duration;

/// Asks for a new session with `peer` over a route that fits `path`, within `deadline`.
public record DialRequest(PublicKey peer, RouteRequests.Path path, Duration deadline) {
    public DialRequest {
        if (deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException("a dial needs a deadline above zero, not " + deadline);
        }
    }
}
