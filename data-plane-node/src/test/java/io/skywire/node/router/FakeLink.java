package io.skywire.node.router;

import io.skywire.node.transport.Ingress;
import io.skywire.node.transport.Transport;
import io.skywire.node.transport.TransportSnapshot;
import io.skywire.shared.key.KeyPair;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.packet.PacketType;
import io.skywire.shared.rule.RouteId;
import io.skywire.shared.transport.SignedTransport;
import io.skywire.shared.transport.TransportEntry;
import io.skywire.shared.transport.TransportType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A link in memory: keeps what is sent, or hands it to the link at the other end.
final class FakeLink implements Transport {
    private final SignedTransport signed;
    private final PublicKey remote;
    private final List<byte[]> sent = new ArrayList<>();
    private int maxPayload = PacketLayout.MAX_PAYLOAD;
    private int flushes;
    private @Nullable Consumer<byte[]> wire;

    FakeLink(KeyPair us, KeyPair neighbour) {
        this.signed = SignedTransport.signedByBoth(
                TransportEntry.between(us.publicKey(), neighbour.publicKey(), TransportType.TCP), us, neighbour);
        this.remote = neighbour.publicKey();
    }

    /// Joins two ends: what one sends arrives at the other's router at once.
    static void join(FakeLink one, Ingress ingressOfOne, FakeLink other, Ingress ingressOfOther) {
        one.wire = packet -> deliver(ingressOfOther, packet);
        other.wire = packet -> deliver(ingressOfOne, packet);
    }

    private static void deliver(Ingress ingress, byte[] packet) {
        ingress.packet(packet, 0, packet.length);
        ingress.endOfRead();
    }

    FakeLink maxPayload(int bytes) {
        maxPayload = bytes;
        return this;
    }

    List<byte[]> sent() {
        return sent;
    }

    int flushes() {
        return flushes;
    }

    static byte[] packet(PacketType type, int routeId, byte[] payload) {
        return PacketLayout.packet(type, new RouteId(routeId), payload);
    }

    @Override
    public SignedTransport signed() {
        return signed;
    }

    @Override
    public PublicKey remote() {
        return remote;
    }

    @Override
    public int maxPayload() {
        return maxPayload;
    }

    @Override
    public void send(byte[] packet, int offset, int length) {
        byte[] copy = Arrays.copyOfRange(packet, offset, offset + length);
        if (wire != null) {
            wire.accept(copy);
        } else {
            sent.add(copy);
        }
    }

    @Override
    public void flush() {
        flushes++;
    }

    @Override
    public TransportSnapshot snapshot() {
        throw new IllegalStateException("nobody asks a fake link for its counters");
    }

    @Override
    public void close(String reason) {}
}
