package io.skywire.node.transport;

import java.time.Duration;

/// At which of a link's intervals it beats. Pure; on the link's event loop only.
///
/// | the link | beats |
/// |---|---|
/// | carried packets within `restsAfter`, is younger than `pulseAfter`, or awaits an answer | every `heartbeatInterval`
/// |
/// | any other: it rests | every `restingInterval` |
///
/// Each end decides for itself. Both see the same packets, and who beats more often is answered all the same.
final class Pace {
    private final int patience;
    private final int restingIntervals;
    private int unused;
    private int sinceBeat;

    Pace(TcpSettings settings) {
        Duration interval = settings.heartbeatInterval();
        this.patience = Math.toIntExact(settings.restsAfter().dividedBy(interval));
        this.restingIntervals =
                Math.toIntExact(Math.max(1, settings.restingInterval().dividedBy(interval)));
        this.unused = patience - Math.toIntExact(settings.pulseAfter().dividedBy(interval));
    }

    /// Packets of routes have passed since the last interval.
    void used() {
        unused = 0;
    }

    /// One interval has passed: whether the link beats now.
    ///
    /// @param isAwaiting whether the last PING has no answer yet
    boolean isDue(boolean isAwaiting) {
        sinceBeat++;
        boolean rests = ++unused > patience && !isAwaiting;
        if (rests && sinceBeat < restingIntervals) {
            return false;
        }
        sinceBeat = 0;
        return true;
    }
}
