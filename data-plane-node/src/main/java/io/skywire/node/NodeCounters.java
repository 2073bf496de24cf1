package io.skywire.node;

import io.skywire.node.transport.LinkFailure;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// Totals that no room keeps itself. Safe for any thread.
final class NodeCounters {
    private final Map<LinkFailure, AtomicLong> linkFailures = new EnumMap<>(LinkFailure.class);

    NodeCounters() {
        for (LinkFailure kind : LinkFailure.values()) {
            linkFailures.put(kind, new AtomicLong());
        }
    }

    /// Counts one and answers how many there are now.
    long linkFailed(LinkFailure kind) {
        return of(kind).incrementAndGet();
    }

    long linkFailures(LinkFailure kind) {
        return of(kind).get();
    }

    private AtomicLong of(LinkFailure kind) {
        AtomicLong count = linkFailures.get(kind);
        if (count == null) {
            throw new IllegalStateException("every kind is counted from the start: " + kind);
        }
        return count;
    }
}
