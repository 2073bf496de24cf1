package io.skywire.local.simulation;

import java.time.Duration;

/// What is added to the way between agents and their control plane, half of it each way; zero at the beginning. Safe
/// for any thread.
final class AgentDelay {
    private volatile Duration roundTrip = Duration.ZERO;

    Duration roundTrip() {
        return roundTrip;
    }

    void roundTrip(Duration added) {
        roundTrip = added;
    }

    long eachWayNanos() {
        return roundTrip.toNanos() / 2;
    }
}
