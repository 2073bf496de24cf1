package io.skywire.local.drill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// When bytes arrived at a sink, in nanoseconds of one clock, and the pauses between them. What arrives within a
/// millisecond counts as one. Safe for several threads.
final class Arrivals {
    private static final long APART = 1_000_000;
    private static final double USUAL = 0.99;

    private final List<Long> times = new ArrayList<>();

    /// Something arrived. Times do not go back.
    synchronized void add(long nanos) {
        if (times.isEmpty() || nanos - times.getLast() >= APART) {
            times.add(nanos);
        }
    }

    /// When something arrived last.
    synchronized OptionalLong last() {
        return times.isEmpty() ? OptionalLong.empty() : OptionalLong.of(times.getLast());
    }

    /// The longest pause of which some part lies between the two moments. Nothing behind `to` is looked at: a pause
    /// that goes on there counts up to there.
    synchronized Duration longestPause(long from, long to) {
        long longest = 0;
        long last = from;
        for (long time : times) {
            if (time - to > 0) {
                break;
            }
            if (time - from > 0) {
                longest = Math.max(longest, time - last);
            }
            last = time;
        }
        return Duration.ofNanos(Math.max(longest, to - last));
    }

    /// What a pause is like when nothing happens: of those that lie wholly between the two moments, 99 of 100 are not
    /// longer. Zero if there are none.
    synchronized Duration usualPause(long from, long to) {
        List<Long> within = times.stream()
                .filter(time -> time - from >= 0 && time - to <= 0)
                .toList();
        List<Long> pauses = new ArrayList<>();
        for (int i = 1; i < within.size(); i++) {
            pauses.add(within.get(i) - within.get(i - 1));
        }
        pauses.sort(Long::compare);
        return pauses.isEmpty()
                ? Duration.ZERO
                : Duration.ofNanos(pauses.get((int) Math.ceil(pauses.size() * USUAL) - 1));
    }
}
