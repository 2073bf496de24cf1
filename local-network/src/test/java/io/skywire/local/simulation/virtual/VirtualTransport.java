package io.skywire.local.simulation.virtual;

import io.skywire.node.transport.Ingress;
import io.skywire.node.transport.LinkFailure;
import io.skywire.node.transport.Transport;
import io.skywire.node.transport.TransportSnapshot;
import io.skywire.node.wire.BadFrameException;
import io.skywire.node.wire.FrameLayout;
import io.skywire.node.wire.PacketWalk;
import io.skywire.shared.key.PublicKey;
import io.skywire.shared.noise.ReplayWindow;
import io.skywire.shared.packet.PacketLayout;
import io.skywire.shared.transport.LinkMeasurement;
import io.skywire.shared.transport.SignedTransport;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;

/// One end of a live link in memory: a bounded queue, frames of up to 64 KiB at the pace of the link, and the walk over
/// the packets of a frame that came. Ends once; the next link over the same [Cable] has ends of its own.
final class VirtualTransport implements Transport {
    static final int MOST_QUEUED = 64 * 1024;

    private static final long BYTES_PER_SECOND = 2_000_000;

    private final Cable cable;
    private final VirtualNode owner;
    private final VirtualNode neighbour;
    private final boolean bounded;
    private final Ingress ingress;
    private final PacketWalk walk = new PacketWalk(PacketLayout.MAX_PAYLOAD);
    private final ReplayWindow window = new ReplayWindow();
    private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
    private long frames;
    private int queued;
    private long dropped;
    private boolean busy;
    private boolean down;

    VirtualTransport(Cable cable, VirtualNode owner, VirtualNode neighbour, boolean bounded) {
        this.cable = cable;
        this.owner = owner;
        this.neighbour = neighbour;
        this.bounded = bounded;
        this.ingress = owner.router().open(this);
    }

    VirtualNode owner() {
        return owner;
    }

    VirtualNode neighbour() {
        return neighbour;
    }

    boolean isDown() {
        return down;
    }

    int queued() {
        return queued;
    }

    @Override
    public SignedTransport signed() {
        return cable.signed();
    }

    @Override
    public PublicKey remote() {
        return neighbour.key();
    }

    @Override
    public int maxPayload() {
        return PacketLayout.MAX_PAYLOAD;
    }

    @Override
    public void send(byte[] packet, int offset, int length) {
        if (down || (bounded && queued + length > MOST_QUEUED)) {
            dropped++;
            return;
        }
        queue.addLast(Arrays.copyOfRange(packet, offset, offset + length));
        queued += length;
    }

    @Override
    public void flush() {
        if (busy || down || queue.isEmpty()) {
            return;
        }
        byte[] frame = new byte[Math.min(queued, FrameLayout.MAX_PLAIN)];
        int length = 0;
        while (!queue.isEmpty() && length + queue.getFirst().length <= frame.length) {
            byte[] packet = queue.removeFirst();
            System.arraycopy(packet, 0, frame, length, packet.length);
            length += packet.length;
        }
        queued -= length;
        busy = true;
        cable.carry(this, frames++, Arrays.copyOf(frame, length));
        cable.time().after(length * 1_000_000_000L / BYTES_PER_SECOND, () -> {
            busy = false;
            flush();
        });
    }

    /// A frame that authenticates has come.
    void arrived(long counter, byte[] frame) {
        if (down || !window.isFresh(counter)) {
            return;
        }
        window.take(counter);
        try {
            walk.walk(frame, frame.length, (bytes, offset, length) -> {
                cable.network().invariants().delivered(owner, this, bytes, offset, length);
                ingress.packet(bytes, offset, length);
            });
            ingress.endOfRead();
        } catch (BadFrameException bug) {
            throw new IllegalStateException("whole packets were sent", bug);
        }
    }

    /// This end is gone; its owner hears of it.
    void end(LinkFailure kind, String detail) {
        if (!down) {
            vanish();
            owner.down(this, kind + ": " + detail);
        }
    }

    /// The owner is gone.
    void vanish() {
        down = true;
        queue.clear();
        queued = 0;
    }

    @Override
    public TransportSnapshot snapshot() {
        return new TransportSnapshot(
                id(),
                cable.signed().entry().type(),
                remote(),
                "virtual",
                TransportSnapshot.Opener.US,
                "none",
                Instant.EPOCH,
                LinkMeasurement.NONE,
                walk.packets(),
                walk.bytes(),
                frames,
                0,
                dropped,
                queued);
    }

    @Override
    public void close(String reason) {
        cable.reset(reason);
    }
}
