package io.skywire.local.simulation;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// Where one agent's sessions were lately, newest last: what somebody looks at who asks why a setup over it failed.
/// Bounded. Not safe for several threads.
final class Whereabouts {
    private static final int MOST = 32;

    private final InstantSource clock = InstantSource.system();
    private final Deque<Moment> moments = new ArrayDeque<>();

    private record Moment(Instant at, String what) {
        @Override
        public String toString() {
            return at + " " + what;
        }
    }

    void note(InetSocketAddress control, String what) {
        if (moments.size() == MOST) {
            moments.removeFirst();
        }
        moments.addLast(new Moment(clock.instant(), what + " :" + control.getPort()));
    }

    List<String> since(Instant then) {
        return moments.stream()
                .filter(moment -> !moment.at().isBefore(then))
                .map(Moment::toString)
                .toList();
    }
}
