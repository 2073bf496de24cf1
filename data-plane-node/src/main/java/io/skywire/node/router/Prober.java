package io.skywire.node.router;

import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// Asks, as soon as this node holds its own rules of a route it initiated, whether data passes through it: PROBE until
/// PROBE_REPLY or too late. The first probes usually find hops without rules and are lost; that is why they repeat.
final class Prober {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(3);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(200);
    private static final Duration GIVE_UP = Duration.ofSeconds(5);

    private final RouteProbes probes;
    private final ScheduledExecutorService timers;
    private final LongSupplier nanos;
    private final RandomGenerator random;
    private final Map<RouteUid, Probe> running = new ConcurrentHashMap<>();

    Prober(RouteProbes probes, ScheduledExecutorService timers, LongSupplier nanos, RandomGenerator random) {
        this.probes = probes;
        this.timers = timers;
        this.nanos = nanos;
        this.random = random;
    }

    void opened(Edge edge) {
        if (edge.end() == RouteEnd.INITIATOR) {
            byte[] id = new byte[8];
            random.nextBytes(id);
            Probe probe = new Probe(edge, id, nanos.getAsLong());
            running.put(edge.route(), probe);
            send(probe, FIRST_PAUSE);
        }
    }

    void closed(Edge edge) {
        running.remove(edge.route());
    }

    /// Whether it was one of these probes that came back.
    boolean replied(Edge edge, byte[] id) {
        Probe probe = running.get(edge.route());
        if (probe == null || !Arrays.equals(probe.id, id)) {
            return false;
        }
        if (running.remove(edge.route(), probe)) {
            probes.answered(edge.route(), Duration.ofNanos(nanos.getAsLong() - probe.startedNanos));
        }
        return true;
    }

    private void send(Probe probe, Duration pause) {
        RouteUid route = probe.edge.route();
        if (running.get(route) != probe) {
            return;
        }
        if (nanos.getAsLong() - probe.startedNanos > GIVE_UP.toNanos()) {
            if (running.remove(route, probe)) {
                probes.unanswered(route, "no reply came back through the route within " + GIVE_UP.toSeconds() + " s");
            }
            return;
        }
        probe.edge.sendNow(PacketType.PROBE, probe.id);
        Duration doubled = pause.multipliedBy(2);
        Duration next = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
        var unused = timers.schedule(() -> send(probe, next), pause.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static final class Probe {
        private final Edge edge;
        private final byte[] id;
        private final long startedNanos;

        Probe(Edge edge, byte[] id, long startedNanos) {
            this.edge = edge;
            this.id = id;
            this.startedNanos = startedNanos;
        }
    }
}
