package io.skywire.control.setup;

import io.skywire.control.blame.RouteFault;
import io.skywire.shared.key.PublicKey;
import java.time.Instant;
import java.util.Map;

/// A fault that is none yet: it becomes one if these nodes have not reached their revisions by then.
record Suspicion(RouteFault fault, Map<PublicKey, Long> awaited, Instant by) {
    Suspicion {
        awaited = Map.copyOf(awaited);
    }
}
