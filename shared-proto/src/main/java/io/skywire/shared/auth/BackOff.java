package io.skywire.shared.auth;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long an agent waits before it dials again: doubling from the first to the longest, each time a random part of
/// it, so that thousands of agents that lost their control plane in the same instant do not come back in the same
/// instant. Immutable.
///
/// A session must live for the longest pause before the first one is good again: a control plane that lets agents in
/// and then fails them is not asked faster and faster.
public record BackOff(Duration first, Duration longest, Duration next) {
    public static final Duration FIRST = Duration.ofMillis(200);
    public static final Duration LONGEST = Duration.ofSeconds(10);

    public static BackOff first(Duration first, Duration longest) {
        return new BackOff(first, longest, first);
    }

    /// The pause before the next try: between the half and the whole of what is next.
    public Duration pause(RandomGenerator random) {
        long half = next.toMillis() / 2;
        return Duration.ofMillis(half + random.nextLong(Math.max(1, half)));
    }

    /// After another failed try.
    public BackOff longer() {
        Duration doubled = next.multipliedBy(2);
        return new BackOff(first, longest, doubled.compareTo(longest) > 0 ? longest : doubled);
    }

    /// After a session that lived for `lived`.
    public BackOff afterSession(Duration lived) {
        return lived.compareTo(longest) >= 0 ? first(first, longest) : this;
    }
}
