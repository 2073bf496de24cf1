package io.skywire.node.router;

import io.netty.buffer.ByteBuf;
import io.skywire.node.transport.Transport;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteEnd;
import io.skywire.shared.rule.RouteUid;
import io.skywire.shared.rule.Rule;
import io.skywire.shared.rule.SessionUid;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;

/// The two rules of a route at one of its ends, joined.
final class Edge implements EdgeRoute {
    private final Rule.Forward forward;
    private final Port egress;
    private final Scratch scratch;
    private final LongAdder packetsOut = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final long openedAtNanos;
    private volatile long sentAtNanos;
    private volatile boolean open = true;

    Edge(Rule.Forward forward, Port egress, Scratch scratch, long nowNanos) {
        this.forward = forward;
        this.egress = egress;
        this.scratch = scratch;
        this.openedAtNanos = nowNanos;
        this.sentAtNanos = nowNanos;
    }

    /// The array in which a packet is put together; one per thread.
    interface Scratch {
        byte[] array();

        long nanos();
    }

    @Override
    public RouteUid route() {
        return forward.route();
    }

    @Override
    public SessionUid session() {
        return forward.session();
    }

    @Override
    public RouteEnd end() {
        return forward.end();
    }

    @Override
    public PublicKey peer() {
        return forward.peer();
    }

    @Override
    public int maxPayload() {
        return forward.maxPayload();
    }

    @Override
    public void send(ByteBuf payload) {
        try {
            int length = payload.readableBytes();
            Transport link = egress.link();
            if (link == null || !open || length > forward.maxPayload()) {
                return;
            }
            byte[] packet = scratch.array();
            PacketLayout.writeHeader(packet, 0, PacketType.DATA, forward.egressId(), length);
            payload.readBytes(packet, PacketLayout.HEADER_LENGTH, length);
            count(PacketLayout.HEADER_LENGTH + length);
            link.send(packet, 0, PacketLayout.HEADER_LENGTH + length);
        } finally {
            payload.release();
        }
    }

    @Override
    public void flush() {
        Transport link = egress.link();
        if (link != null) {
            link.flush();
        }
    }

    /// Sends one small packet that is not a session's, at once.
    void sendNow(PacketType type, byte[] payload) {
        Transport link = egress.link();
        if (link != null && open) {
            byte[] packet = PacketLayout.packet(type, forward.egressId(), payload);
            count(packet.length);
            link.send(packet, 0, packet.length);
            link.flush();
        }
    }

    @Override
    public void probe(long number) {
        sendNow(
                PacketType.PROBE,
                ByteBuffer.allocate(Long.BYTES).putLong(number).array());
    }

    private void count(int length) {
        packetsOut.increment();
        bytesOut.add(length);
        sentAtNanos = scratch.nanos();
    }

    void close() {
        open = false;
    }

    Rule.Forward forward() {
        return forward;
    }

    long openedAtNanos() {
        return openedAtNanos;
    }

    long sentAtNanos() {
        return sentAtNanos;
    }

    long packetsOut() {
        return packetsOut.sum();
    }

    long bytesOut() {
        return bytesOut.sum();
    }
}
