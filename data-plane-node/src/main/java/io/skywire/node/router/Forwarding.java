package io.skywire.node.router;

import io.skywire.node.transport.Ingress;
import io.skywire.node.transport.Transport;
import io.skywire.shared.packet.PacketLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// What happens to the packets of one ingress link. Runs on that link's event loop; locks nothing, and allocates
/// nothing for a packet that is relayed.
/// ```
/// lookup (ingress, id) ─► Relay:   rewrite the id, append to the egress link's batch
///                      ├► Consume: the session behind the route
///                      └► none:    counted and dropped
/// ```
final class Forwarding implements Ingress {
    private final Router router;
    private final Port ingress;
    private final LongSupplier nanos;
    private final List<Transport> touched = new ArrayList<>();
    private boolean inRead;
    private boolean delivered;
    private long now;
    private long packets;
    private long bytes;

    Forwarding(Router router, Port ingress, LongSupplier nanos) {
        this.router = router;
        this.ingress = ingress;
        this.nanos = nanos;
    }

    @Override
    public void packet(byte[] frame, int offset, int length) {
        if (!inRead) {
            inRead = true;
            now = nanos.getAsLong(); // one clock reading for a whole read of the socket
        }
        @Nullable Entry entry = ingress.slots().find(PacketLayout.routeId(frame, offset));
        if (entry == null) {
            router.drop(DropReason.UNKNOWN_ROUTE);
            return;
        }
        entry.used(length, now);
        switch (entry) {
            case Entry.Relay relay -> relay(relay, frame, offset, length);
            case Entry.Consume consume -> {
                delivered = true;
                router.deliver(consume, frame, offset, length - PacketLayout.HEADER_LENGTH);
            }
        }
    }

    private void relay(Entry.Relay relay, byte[] frame, int offset, int length) {
        Transport egress = relay.egress().link();
        if (egress == null) {
            router.linkDown(relay.egress());
            return;
        }
        if (length - PacketLayout.HEADER_LENGTH > egress.maxPayload()) {
            router.drop(DropReason.TOO_LARGE);
            return;
        }
        relay.rewrite(frame, offset);
        egress.send(frame, offset, length);
        packets++;
        bytes += length;
        if (touched.isEmpty() || (touched.getLast() != egress && !touched.contains(egress))) {
            touched.add(egress);
        }
    }

    @Override
    public void endOfRead() {
        inRead = false;
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).flush();
        }
        touched.clear();
        if (packets > 0) {
            router.forwarded(packets, bytes);
            packets = 0;
            bytes = 0;
        }
        if (delivered) {
            delivered = false;
            router.endOfRead();
        }
    }
}
