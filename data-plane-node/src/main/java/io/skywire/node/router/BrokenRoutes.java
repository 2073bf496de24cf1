package io.skywire.node.router;

import io.skywire.node.transport.Transport;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/// Tells the ends of routes that a link of this node is away: for every relay rule whose packets came over that link a
/// ROUTE_BROKEN goes out where those packets went, and so to the end. Of a route that ends here, the end hears at once.
///
/// It is told when the link goes, and again, at most once per [#AGAIN], when packets still want to go over it: a relay
/// rule does not know which other rule leads back, so all ends behind the link are told, and of all of them it is true.
/// Thousands of rules are gone through in slices, so that no event loop is held up.
final class BrokenRoutes {
    static final int SLICE = 256;
    static final Duration AGAIN = Duration.ofSeconds(1);
    private static final byte[] NOTHING = {};

    private final RouteEnds ends;
    private final Executor later;
    private final LongSupplier nanos;
    private final LongAdder told = new LongAdder();

    BrokenRoutes(RouteEnds ends, Executor later, LongSupplier nanos) {
        this.ends = ends;
        this.later = later;
        this.nanos = nanos;
    }

    /// The link of that port has just gone.
    void tell(Port port) {
        var unused = port.mayTellBroken(nanos.getAsLong(), Duration.ZERO);
        tell(port, port.slots(), 0);
    }

    /// A packet wants to go over a link that is away.
    void remind(Port port) {
        if (port.mayTellBroken(nanos.getAsLong(), AGAIN)) {
            tell(port, port.slots(), 0);
        }
    }

    private void tell(Port port, Slots slots, int from) {
        List<Transport> touched = new ArrayList<>();
        int to = Math.min(slots.places(), from + SLICE);
        for (int place = from; place < to && port.link() == null; place++) {
            switch (slots.at(place)) {
                case null -> {}
                case Entry.Relay relay -> send(relay, touched);
                case Entry.Consume consume -> ends.broken(consume.edge());
            }
        }
        touched.forEach(Transport::flush);
        if (to < slots.places() && port.link() == null) {
            try {
                later.execute(() -> tell(port, slots, to));
            } catch (RejectedExecutionException ending) {
                return; // the node ends, and its links say so themselves
            }
        }
    }

    private void send(Entry.Relay relay, List<Transport> touched) {
        Transport onward = relay.egress().link();
        if (onward != null) {
            byte[] packet =
                    PacketLayout.packet(PacketType.ROUTE_BROKEN, relay.rule().egressId(), NOTHING);
            onward.send(packet, 0, packet.length);
            told.increment();
            if (!touched.contains(onward)) {
                touched.add(onward);
            }
        }
    }

    long told() {
        return told.sum();
    }
}
