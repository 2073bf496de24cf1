package io.skywire.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.skywire.node.loops.DirectMemory;
import io.skywire.node.wire.FrameBuilder;
import io.skywire.shared.packet.PacketLayout;
import java.util.concurrent.atomic.LongAdder;

/// The way out of a link. On the link's event loop only, but for the counters.
///
/// While the socket takes bytes, packets go straight into the frame under construction; while it does not, each waits
/// in its route's queue. A frame is sealed when it is full or flushed, and only while the channel is writable, so that
/// what waits can still be dropped and put in turns: the channel's own watermark and the kernel's unsent bytes are
/// kept small.
final class Egress {
    private final Channel channel;
    private final FrameBuilder frame;
    private final FairQueue queue;
    private final LongAdder packets = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder dropped;
    private volatile long queued;
    private boolean pumping;

    Egress(Channel channel, FrameBuilder frame, TcpSettings settings, RingArrays arrays) {
        this.channel = channel;
        this.frame = frame;
        this.dropped = new LongAdder();
        this.queue = new FairQueue(
                settings.routeQueue(),
                settings.linkQueue(),
                settings.crowdedLinkQueue(),
                settings.maxQueuedRoutes(),
                dropped,
                arrays);
    }

    void send(byte[] packet, int offset, int length) {
        if (queue.isEmpty() && takes()) {
            if (frame.fits(length)) {
                frame.append(packet, offset, length);
                return;
            }
            emit();
            if (takes()) {
                frame.append(packet, offset, length);
                return;
            }
        }
        queue.offer(PacketLayout.routeId(packet, offset), packet, offset, length);
    }

    /// Seals and writes as far as the socket takes it. Also called when the channel becomes writable again.
    void flush() {
        if (pumping) {
            return; // writing made the channel writable again; the loop below goes on
        }
        pumping = true;
        try {
            while (takes()) {
                queue.moveTo(frame);
                if (frame.isEmpty()) {
                    break;
                }
                emit();
            }
        } finally {
            pumping = false;
            queued = queue.bytes() + (long) frame.length();
        }
    }

    private boolean takes() {
        return channel.isWritable() && !DirectMemory.isExhausted();
    }

    private void emit() {
        packets.add(frame.packets());
        bytes.add(frame.length());
        ByteBuf out = channel.alloc().directBuffer(frame.frameLength());
        frame.sealInto(out);
        channel.writeAndFlush(out, channel.voidPromise());
    }

    /// A packet that did not even reach the loop, or does not fit this link. Any thread.
    void countDropped() {
        dropped.increment();
    }

    long packets() {
        return packets.sum();
    }

    long bytes() {
        return bytes.sum();
    }

    long dropped() {
        return dropped.sum();
    }

    /// Bytes that waited after the last flush.
    long queued() {
        return queued;
    }
}
