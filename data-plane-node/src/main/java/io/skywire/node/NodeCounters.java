package io.skywire.node;

import io.skywire.node.metrics.LinkTraffic;
import io.skywire.node.transport.LinkFailure;
import io.skywire.node.transport.Transport;
import io.skywire.node.transport.TransportSnapshot;
import io.skywire.shared.transport.TransportType;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// Totals that no room keeps itself. Safe for any thread.
final class NodeCounters {
    private final Map<LinkFailure, AtomicLong> linkFailures = new EnumMap<>(LinkFailure.class);

    // Both guarded by this: what links that are gone have carried, and what was told last.
    private final Map<TransportType, LinkTraffic> gone = new HashMap<>();
    private final Map<TransportType, LinkTraffic> told = new HashMap<>();

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

    /// Keeps what a link has carried that is not live any more.
    synchronized void linkEnded(TransportSnapshot last) {
        gone.merge(last.type(), traffic(last), LinkTraffic::plus);
    }

    /// What links of that type have carried since the start, those that are gone and the live ones. A link that ends
    /// in this moment may be left out once; the totals never fall.
    synchronized LinkTraffic traffic(TransportType type, List<Transport> live) {
        LinkTraffic sum = gone.getOrDefault(type, LinkTraffic.NONE);
        for (Transport link : live) {
            TransportSnapshot now = link.snapshot();
            if (now.type().equals(type)) {
                sum = sum.plus(traffic(now));
            }
        }
        return told.merge(type, sum, LinkTraffic::max);
    }

    private static LinkTraffic traffic(TransportSnapshot link) {
        return new LinkTraffic(
                link.packetsIn(), link.bytesIn(), link.packetsOut(), link.bytesOut(), link.packetsDropped());
    }

    private AtomicLong of(LinkFailure kind) {
        AtomicLong count = linkFailures.get(kind);
        if (count == null) {
            throw new IllegalStateException("every kind is counted from the start: " + kind);
        }
        return count;
    }
}
