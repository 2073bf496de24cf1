package io.skywire.node.transport;

import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Whether the neighbour lives, and how far away it is. Pure; on the link's event loop only, but for [#roundTrip()].
///
/// Silence is counted in heartbeats and not read from a clock, so neither a clock that jumps nor a pause of this
/// process ends a link.
final class Heartbeat {
    private static final int WEIGHT = 8;

    private final int quietLimit;
    private int quiet;
    private int quietLooks;
    private long sequence;
    private Instant sent = Instant.EPOCH;
    private boolean awaiting;
    private volatile long smoothedNanos = -1;

    Heartbeat(int quietLimit) {
        this.quietLimit = quietLimit;
    }

    /// Bytes have come, of whatever kind.
    void heard() {
        quiet = 0;
        quietLooks = 0;
    }

    /// One look at a link in use, which come more often than heartbeats. Answers how many there were since the last
    /// byte, this one included.
    int look() {
        return ++quietLooks;
    }

    /// Looks begin anew: the link was not looked at for a while.
    void lookAnew() {
        quietLooks = 0;
    }

    /// One interval has passed. Answers whether the neighbour has been quiet for too long.
    boolean isSilent() {
        return ++quiet >= quietLimit;
    }

    /// Whether the last PING has no answer yet.
    boolean isAwaiting() {
        return awaiting;
    }

    /// The PING of this interval. A PONG for an older one no longer counts.
    byte[] ping(Instant now) {
        sequence++;
        sent = now;
        awaiting = true;
        byte[] payload = ByteBuffer.allocate(Long.BYTES).putLong(sequence).array();
        return PacketLayout.packet(PacketType.PING, RouteId.LINK, payload);
    }

    /// A PONG. The round trip, if it answers the PING under way.
    Optional<Duration> pong(byte[] payload, Instant now) {
        if (!awaiting
                || payload.length != Long.BYTES
                || ByteBuffer.wrap(payload).getLong() != sequence) {
            return Optional.empty();
        }
        awaiting = false;
        Duration roundTrip = Duration.between(sent, now);
        if (roundTrip.isNegative()) {
            return Optional.empty(); // the clock was set back meanwhile
        }
        long before = smoothedNanos;
        long nanos = roundTrip.toNanos();
        smoothedNanos = before < 0 ? nanos : before + (nanos - before) / WEIGHT;
        return Optional.of(roundTrip);
    }

    /// The smoothed round trip, once one was measured. Any thread.
    Optional<Duration> roundTrip() {
        long nanos = smoothedNanos;
        return nanos < 0 ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
    }
}
