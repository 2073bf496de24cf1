package io.skywire.node.transport;

import io.netty.util.concurrent.Future;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A closer look at a link that routes use, so that a neighbour that dies without a word is known to be dead within a
/// second. On the link's event loop only.
///
/// | the link | looks | ends as SILENT after |
/// |---|---|---|
/// | carried packets of routes in the last 2 s | every `pulseInterval` | `pulseDeadline` in looks without a byte, or
/// four round trips if that is more |
/// | idle, or younger than `pulseAfter` | none | the heartbeats' own limit |
///
/// A look that finds that nothing has come sends an empty PING, whose PONG is life; a link with traffic costs nothing.
/// Looks are counted, one at a time, so a pause of this process counts as one.
final class Pulse {
    private static final byte[] PING = PacketLayout.packet(PacketType.PING, RouteId.LINK, new byte[0]);
    private static final Duration REST = Duration.ofSeconds(2);
    private static final int ROUND_TRIPS = 4;

    private final TcpLink link;
    private final Duration interval;
    private final Duration deadline;
    private final int warmUpBeats;
    private int beats; // intervals, up to the warm-up
    private int unusedLooks;
    private @Nullable Future<?> looking;

    Pulse(TcpLink link, TcpSettings settings) {
        this.link = link;
        this.interval = settings.pulseInterval();
        this.deadline = settings.pulseDeadline();
        this.warmUpBeats = Math.toIntExact(settings.pulseAfter().dividedBy(settings.heartbeatInterval()));
    }

    /// Once per interval. Answers whether routes have used the link since the last one.
    boolean startIfUsed() {
        if (looking != null) {
            return true; // or within [#REST]
        }
        boolean used = link.wasUsed();
        if (beats < warmUpBeats) {
            beats++;
        } else if (used) {
            unusedLooks = 0;
            link.heartbeat().lookAnew();
            looking = link.channel()
                    .eventLoop()
                    .scheduleWithFixedDelay(this::look, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
        }
        return used;
    }

    void stop() {
        Future<?> timer = looking;
        if (timer != null) {
            timer.cancel(false);
            looking = null;
        }
    }

    private void look() {
        unusedLooks = link.wasUsed() ? 0 : unusedLooks + 1;
        if (link.isGone() || unusedLooks > REST.dividedBy(interval)) {
            stop();
            return;
        }
        int quiet = link.heartbeat().look();
        if (quiet > limit()) {
            stop();
            link.fail(
                    LinkFailure.SILENT,
                    link.remote().shortHex() + " has been silent for "
                            + interval.multipliedBy(quiet - 1).toMillis() + " ms while routes used the link");
        } else if (quiet > 1) {
            link.sendNow(PING);
        }
    }

    private long limit() {
        Duration trips = link.heartbeat().roundTrip().orElse(Duration.ZERO).multipliedBy(ROUND_TRIPS);
        return (trips.compareTo(deadline) > 0 ? trips : deadline).dividedBy(interval);
    }
}
