package io.skywire.node.transport;

import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.TransportId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// All that one node hears of its links, and the packets that arrive on them.
final class Heard implements Ingress.Factory, TransportListener {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    final List<String> events = new CopyOnWriteArrayList<>();
    final List<LinkFailure> failures = new CopyOnWriteArrayList<>();
    final List<LinkMeasurement> measurements = new CopyOnWriteArrayList<>();
    final Map<Integer, List<Integer>> sequences = new ConcurrentHashMap<>(); // by route
    volatile CountDownLatch gate = new CountDownLatch(0);

    /// Those that have arrived by now, in their order.
    List<Integer> sequences(int route) {
        List<Integer> arriving = sequences.getOrDefault(route, List.of());
        synchronized (arriving) {
            return List.copyOf(arriving);
        }
    }

    long ups() {
        return events.stream().filter("up"::equals).count();
    }

    @Override
    public Ingress open(Transport transport) {
        return new Ingress() {
            @Override
            public void packet(byte[] frame, int offset, int length) {
                arrived(frame, offset);
            }

            @Override
            public void endOfRead() {}
        };
    }

    private void arrived(byte[] frame, int offset) {
        try {
            if (!gate.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("the gate was never opened");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        sequences
                .computeIfAbsent(
                        PacketLayout.routeId(frame, offset), route -> Collections.synchronizedList(new ArrayList<>()))
                .add(Packets.sequence(frame, offset));
    }

    @Override
    public void up(Transport transport) {
        events.add("up");
    }

    @Override
    public void down(Transport transport, String reason) {
        events.add("down: " + reason);
    }

    @Override
    public void failed(LinkFailure kind, String detail) {
        failures.add(kind);
        events.add("failed " + kind + ": " + detail);
    }

    @Override
    public void measured(TransportId id, LinkMeasurement measured) {
        measurements.add(measured);
    }
}
