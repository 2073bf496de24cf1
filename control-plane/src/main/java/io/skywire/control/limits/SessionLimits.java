package io.skywire.control.limits;

import io.grpc.Status;
import io.skywire.shared.key.PublicKey;
import java.util.Optional;
import org.springframework.stereotype.Component;

/// Limits how often a key may begin a session. To be asked on the call's own thread, when the key is proved.
@Component
public final class SessionLimits {
    private final Limits limits;

    SessionLimits(Limits limits) {
        this.limits = limits;
    }

    /// Empty if the session may begin. Else the status that ends it; how long to wait goes with it in the trailer
    /// `grpc-retry-pushback-ms`.
    public Optional<Status> begin(PublicKey key) {
        if (SessionLimitInterceptor.isExempt()) {
            return Optional.empty();
        }
        return limits.sessionsPerKey.take(key).map(wait -> LimitedException.status("key", wait));
    }
}
