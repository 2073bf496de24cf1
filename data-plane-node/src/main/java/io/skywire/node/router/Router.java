package io.skywire.node.router;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.skywire.node.transport.Ingress;
import io.skywire.node.transport.Transport;
import io.skywire.node.transport.TransportListener;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RuleKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// Forwards packets by the rules in its [RoutingTable], hands payloads to the [RouteEnds], and probes and keeps alive
/// the routes that end here. See [Forwarding] for what happens to one packet.
public final class Router implements Ingress.Factory, TransportListener {
    private static final byte[] NOTHING = {};

    private final RoutingTable table;
    private final RouteEnds ends;
    private final Prober prober;
    private final BrokenRoutes broken;
    private final LongSupplier nanos;
    private final Map<DropReason, LongAdder> drops = new EnumMap<>(DropReason.class);
    private final LongAdder forwardedPackets = new LongAdder();
    private final LongAdder forwardedBytes = new LongAdder();

    /// @param timers runs probes and upkeep; never blocked by them
    public Router(
            Settings settings,
            RouteEnds ends,
            RouteProbes probes,
            ScheduledExecutorService timers,
            LongSupplier nanos,
            RandomGenerator random) {
        this.ends = ends;
        this.nanos = nanos;
        this.broken = new BrokenRoutes(ends, timers, nanos);
        this.prober = new Prober(probes, timers, nanos, random);
        this.table = new RoutingTable(settings.maxRules(), nanos, new RoutingTable.EdgeWatch() {
            @Override
            public void opened(Edge edge) {
                prober.opened(edge);
                ends.opened(edge);
            }

            @Override
            public void closed(Edge edge, String reason) {
                prober.closed(edge);
                ends.closed(edge, reason);
            }
        });
        for (DropReason reason : DropReason.values()) {
            drops.put(reason, new LongAdder());
        }
    }

    public record Settings(int maxRules) {}

    public RoutingTable table() {
        return table;
    }

    @Override
    public Ingress open(Transport transport) {
        return new Forwarding(this, table.port(transport.id()), nanos);
    }

    @Override
    public void up(Transport transport) {
        table.attach(transport);
    }

    @Override
    public void down(Transport transport, String reason) {
        table.detach(transport);
        broken.tell(table.port(transport.id()));
    }

    /// Once every few seconds: sends KEEP_ALIVE along routes on which this end was quiet, and removes idle rules.
    /// `expired` is told which.
    public void upkeep(Consumer<List<RuleKey>> expired) {
        long now = nanos.getAsLong();
        for (Edge edge : table.openEdges()) {
            if (now - edge.sentAtNanos() > edge.forward().idleTimeout().toNanos() / 4) {
                edge.sendNow(PacketType.KEEP_ALIVE, NOTHING);
            }
        }
        List<RuleKey> gone = table.expire();
        if (!gone.isEmpty()) {
            expired.accept(new ArrayList<>(gone));
        }
    }

    /// Packets dropped so far, by reason.
    public Map<DropReason, Long> drops() {
        Map<DropReason, Long> sums = new EnumMap<>(DropReason.class);
        drops.forEach((reason, count) -> sums.put(reason, count.sum()));
        return sums;
    }

    public long forwardedPackets() {
        return forwardedPackets.sum();
    }

    public long forwardedBytes() {
        return forwardedBytes.sum();
    }

    /// ROUTE_BROKEN packets that this node sent because a link of its own was away.
    public long brokenRoutesTold() {
        return broken.told();
    }

    void drop(DropReason reason) {
        LongAdder count = drops.get(reason);
        if (count != null) {
            count.increment();
        }
    }

    void forwarded(long packets, long bytes) {
        forwardedPackets.add(packets);
        forwardedBytes.add(bytes);
    }

    void deliver(Entry.Consume entry, byte[] frame, int offset, int payloadLength) {
        Edge edge = entry.edge();
        int payload = offset + PacketLayout.HEADER_LENGTH;
        switch (PacketType.ofNumber(PacketLayout.type(frame, offset)).orElse(PacketType.ERROR)) {
            case DATA -> {
                ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(Math.max(1, payloadLength));
                buffer.writeBytes(frame, payload, payloadLength);
                ends.payload(edge, buffer);
            }
            case PING -> edge.sendNow(PacketType.PONG, copy(frame, payload, Math.min(payloadLength, 64)));
            case PROBE -> edge.sendNow(PacketType.PROBE_REPLY, copy(frame, payload, Math.min(payloadLength, 64)));
            case PROBE_REPLY -> replied(edge, copy(frame, payload, Math.min(payloadLength, 64)));
            case ROUTE_BROKEN -> ends.broken(edge);
            case KEEP_ALIVE -> {}
            case CLOSE, PONG, ERROR, SETTLE -> drop(DropReason.UNKNOWN_TYPE);
        }
    }

    private void replied(Edge edge, byte[] id) {
        if (!prober.replied(edge, id) && id.length == Long.BYTES) {
            ends.replied(edge, ByteBuffer.wrap(id).getLong());
        }
    }

    /// A packet wanted to go on over a transport whose link is away.
    void linkDown(Port egress) {
        drop(DropReason.LINK_DOWN);
        broken.remind(egress);
    }

    void endOfRead() {
        ends.endOfRead();
    }

    private static byte[] copy(byte[] frame, int offset, int length) {
        byte[] copy = new byte[length];
        System.arraycopy(frame, offset, copy, 0, length);
        return copy;
    }
}
