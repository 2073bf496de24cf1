package io.skywire.node.transport;

import io.skywire.shared.transport.LinkMeasurement;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What a link achieves, read from its counters at each heartbeat. Pure; on the link's event loop only, but for
/// [#measured].
///
/// Each sum below forgets a sixteenth of itself at every heartbeat, so it looks back over about [#WINDOW] of them and a
/// quantity moves 63 % of the way to a new level in that time. A link starts as if it had been idle and healthy for a
/// window: its first packets and heartbeats do not decide alone.
///
/// | quantity | unit | is |
/// |---|---|---|
/// | loss | millionths | 1 - (1 - dropped / offered) × (1 - unanswered / heartbeats) |
/// | load | millionths | time in which the socket took nothing / time |
/// | throughput | bytes/s | packet bytes sent, headers included / time |
///
/// *Offered* is what was sent and what was dropped before it could be; TCP itself loses nothing. A heartbeat counts as
/// *unanswered* when its answer is not there at the next one. What relies on time is left out for a heartbeat when the
/// clock jumps.
final class LinkMeter {
    /// Heartbeats.
    static final int WINDOW = 16;

    private static final double KEPT = 1 - 1.0 / WINDOW;

    /// Between two heartbeats; more is a clock that was set or a machine that slept.
    private static final long MOST_MILLIS = Duration.ofMinutes(1).toMillis();

    private double sentPackets = WINDOW; // a heartbeat each
    private double droppedPackets;
    private double heartbeats = WINDOW;
    private double unanswered;
    private double sentBytes;
    private double congestedMillis;
    private double millis;
    private Counts before = new Counts(0, 0, 0);
    private long beatAt;
    private long congestedSoFar;
    private long congestedSince = -1;
    private volatile LinkMeasurement last = LinkMeasurement.NONE;

    /// Totals since the link's start.
    ///
    /// @param packets sent
    /// @param bytes of those packets, headers included
    /// @param dropped packets that were to be sent
    record Counts(long packets, long bytes, long dropped) {}

    /// How the PING before this heartbeat fared.
    enum Ping {
        ANSWERED,
        UNANSWERED
    }

    LinkMeter(Instant start, Duration heartbeatInterval) {
        beatAt = start.toEpochMilli();
        millis = (double) WINDOW * Math.max(1, heartbeatInterval.toMillis());
    }

    /// The socket takes no more, from now on. Milliseconds since the epoch: this is called while packets are forwarded
    /// and allocates nothing.
    void congested(long nowMillis) {
        if (congestedSince < 0) {
            congestedSince = nowMillis;
        }
    }

    /// The socket takes bytes again.
    void relieved(long nowMillis) {
        if (congestedSince >= 0) {
            congestedSoFar += Math.max(0, nowMillis - congestedSince);
            congestedSince = -1;
        }
    }

    /// One interval has passed.
    void beat(Instant now, Counts counts, Ping ping) {
        sentPackets = sentPackets * KEPT + (counts.packets() - before.packets());
        droppedPackets = droppedPackets * KEPT + (counts.dropped() - before.dropped());
        heartbeats = heartbeats * KEPT + 1;
        unanswered = unanswered * KEPT
                + switch (ping) {
                    case ANSWERED -> 0;
                    case UNANSWERED -> 1;
                };
        long nowMillis = now.toEpochMilli();
        long passed = nowMillis - beatAt;
        if (congestedSince >= 0) {
            relieved(nowMillis);
            congested(nowMillis);
        }
        if (passed > 0 && passed <= MOST_MILLIS) {
            millis = millis * KEPT + passed;
            congestedMillis = congestedMillis * KEPT + Math.min(passed, congestedSoFar);
            sentBytes = sentBytes * KEPT + (counts.bytes() - before.bytes());
        }
        congestedSoFar = 0;
        beatAt = nowMillis;
        before = counts;
        last = new LinkMeasurement(
                Optional.empty(),
                millionths(1
                        - (1 - share(droppedPackets, droppedPackets + sentPackets))
                                * (1 - share(unanswered, heartbeats))),
                millionths(share(congestedMillis, millis)),
                Math.min(LinkMeasurement.MAX_THROUGHPUT, Math.round(sentBytes * 1000 / millis)));
    }

    /// As of the last heartbeat, with this round trip. Any thread.
    LinkMeasurement measured(Optional<Duration> roundTrip) {
        LinkMeasurement sums = last;
        return new LinkMeasurement(roundTrip, sums.loss(), sums.load(), sums.throughput());
    }

    private static double share(double part, double whole) {
        return whole <= 0 ? 0 : part / whole;
    }

    private static int millionths(double share) {
        return (int) Math.round(Math.clamp(share, 0, 1) * LinkMeasurement.WHOLE);
    }
}
