package io.skywire.node.transport;

import java.time.Duration;

/// The moments at which the links of one event loop beat: common ones, so that the loop wakes up once for many links.
/// On that loop only.
///
/// [#TOGETHER] links have one moment in each interval; the next ones have theirs a little later, so that thousands of
/// links do not hold up packets all at once.
final class BeatGrid {
    static final int TOGETHER = 32;
    private static final int MOMENTS = 100;

    private final long interval;
    private final long origin;
    private int links;

    /// @param nowNanos by the clock of the event loop, as all times here
    BeatGrid(Duration interval, long nowNanos) {
        this.interval = interval.toNanos();
        this.origin = nowNanos;
    }

    /// One more link. Answers its place in the interval, for [#untilNext].
    long join() {
        long moment = links / TOGETHER % MOMENTS;
        links++;
        return moment * interval / MOMENTS;
    }

    void leave() {
        links--;
    }

    /// Nanoseconds to the next beat of a link with that place: half an interval at least, one and a half at most. Asked
    /// after each beat, so that a pause of this process is followed by one beat and not by all that were missed.
    long untilNext(long place, long nowNanos) {
        long left = interval - Math.floorMod(nowNanos - origin - place, interval);
        return left < interval / 2 ? left + interval : left;
    }
}
