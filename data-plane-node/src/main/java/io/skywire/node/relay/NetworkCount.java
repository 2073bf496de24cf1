package io.skywire.node.relay;

import java.util.HashMap;
import java.util.Map;

/// How many there are of each source network and in all, up to a bound for both. Safe for any thread.
final class NetworkCount {
    private final int most;
    private final int mostPerNetwork;
    private final Map<SourceNetwork, Integer> counts = new HashMap<>();
    private int all;

    NetworkCount(int most, int mostPerNetwork) {
        this.most = most;
        this.mostPerNetwork = mostPerNetwork;
    }

    enum Answer {
        ENTERED,
        FULL,
        NETWORK_FULL
    }

    /// Who enters [#leave]s.
    synchronized Answer enter(SourceNetwork network) {
        if (all >= most) {
            return Answer.FULL;
        }
        int before = counts.getOrDefault(network, 0);
        if (before >= mostPerNetwork) {
            return Answer.NETWORK_FULL;
        }
        counts.put(network, before + 1);
        all++;
        return Answer.ENTERED;
    }

    synchronized void leave(SourceNetwork network) {
        counts.computeIfPresent(network, (same, count) -> count == 1 ? null : count - 1);
        all--;
    }

    synchronized int all() {
        return all;
    }
}
