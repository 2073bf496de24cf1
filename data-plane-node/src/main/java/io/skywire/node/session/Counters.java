package io.skywire.node.session;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/// The counters behind [SessionCounters]. Safe for any thread.
final class Counters {
    final LongAdder datagramsOut = new LongAdder();
    final LongAdder datagramsIn = new LongAdder();
    final LongAdder droppedInbound = new LongAdder();
    final LongAdder droppedWithoutRoute = new LongAdder();
    final LongAdder droppedOversized = new LongAdder();
    final LongAdder droppedUnknown = new LongAdder();
    final LongAdder sessionsOpened = new LongAdder();
    final LongAdder sessionsEnded = new LongAdder();
    final LongAdder dialsFailed = new LongAdder();
    final LongAdder sessionsRefused = new LongAdder();
    final LongAdder streamsOpened = new LongAdder();
    final LongAdder streamsAccepted = new LongAdder();
    final LongAdder streamsRefused = new LongAdder();
    private final LongAdder failovers = new LongAdder();
    private final LongAdder slowFailovers = new LongAdder();
    private final LongAdder failoverNanos = new LongAdder();

    private final Map<SwitchReason, LongAdder> switches = new EnumMap<>(SwitchReason.class);

    Counters() {
        for (SwitchReason reason : SwitchReason.values()) {
            switches.put(reason, new LongAdder());
        }
    }

    void switched(SwitchReason reason) {
        LongAdder count = switches.get(reason);
        if (count != null) {
            count.increment();
        }
    }

    /// A session under traffic left a route through which nothing had come for so long.
    void failedOver(Duration silence) {
        failovers.increment();
        failoverNanos.add(silence.toNanos());
        if (silence.compareTo(SessionCounters.SLOW_FAILOVER) > 0) {
            slowFailovers.increment();
        }
    }

    private Map<SwitchReason, Long> switches() {
        Map<SwitchReason, Long> sums = new EnumMap<>(SwitchReason.class);
        switches.forEach((reason, count) -> sums.put(reason, count.sum()));
        return sums;
    }

    SessionCounters snapshot() {
        return new SessionCounters(
                datagramsOut.sum(),
                datagramsIn.sum(),
                droppedInbound.sum(),
                droppedWithoutRoute.sum(),
                droppedOversized.sum(),
                droppedUnknown.sum(),
                sessionsOpened.sum(),
                sessionsEnded.sum(),
                dialsFailed.sum(),
                sessionsRefused.sum(),
                streamsOpened.sum(),
                streamsAccepted.sum(),
                streamsRefused.sum(),
                switches(),
                new SessionCounters.Failovers(
                        failovers.sum(), slowFailovers.sum(), Duration.ofNanos(failoverNanos.sum())));
    }
}
