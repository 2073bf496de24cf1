package io.skywire.node.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import io.skywire.node.router.EdgeRoute;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A datagram channel without a socket: the parent of QUIC connections. What QUIC sends goes to the route of the
/// session
/// that the recipient address names; what routes bring is queued and read by the channel's own event loop.
///
/// [#receive] and [#endOfRead] are safe for any thread. The queue is bounded in packets and in bytes and drops what
/// comes too fast: QUIC takes that as loss and slows down.
final class Overlay extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);
    private static final int MAX_QUEUED_PACKETS = 16_384;
    private static final long MAX_QUEUED_BYTES = 16L << 20;
    private static final int BATCH = 64;
    private static final WriteBufferWaterMark UNBOUNDED_HERE = new WriteBufferWaterMark(16 << 20, 32 << 20);

    private final DefaultChannelConfig config = new DefaultChannelConfig(this);
    private final EventLoop loop;
    private final int datagramSize;
    private final SessionPaths paths;
    private final Counters counters;
    private final ConcurrentLinkedQueue<DatagramPacket> inbound = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queuedPackets = new AtomicInteger();
    private final AtomicLong queuedBytes = new AtomicLong();
    private final AtomicBoolean drainPending = new AtomicBoolean();
    private final List<EdgeRoute> unflushed = new ArrayList<>();
    private boolean flushPending;
    private volatile boolean active;
    private volatile boolean open = true;

    Overlay(EventLoop loop, int datagramSize, SessionPaths paths, Counters counters) {
        super((@Nullable Channel) null);
        this.loop = loop;
        this.datagramSize = datagramSize;
        this.paths = paths;
        this.counters = counters;
        config.setOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT);
        // What QUIC's window lets out leaves in one piece; the queues of the links are what bounds it.
        config.setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNBOUNDED_HERE);
    }

    /// The largest QUIC datagram on this channel, in bytes.
    int datagramSize() {
        return datagramSize;
    }

    /// Queues one datagram, whose buffer belongs to the channel from now on; it is read after [#endOfRead].
    void receive(DatagramPacket datagram) {
        int bytes = datagram.content().readableBytes();
        if (!open || queuedPackets.get() >= MAX_QUEUED_PACKETS || queuedBytes.get() + bytes > MAX_QUEUED_BYTES) {
            datagram.release();
            counters.droppedInbound.increment();
            return;
        }
        queuedPackets.incrementAndGet();
        queuedBytes.addAndGet(bytes);
        inbound.add(datagram);
        if (!open) {
            releaseQueued();
        }
    }

    /// What was queued so far is read soon, as one batch.
    void endOfRead() {
        if (!inbound.isEmpty() && drainPending.compareAndSet(false, true)) {
            loop.execute(this::drain);
        }
    }

    private void drain() {
        drainPending.set(false);
        int read = 0;
        while (read < BATCH) {
            DatagramPacket datagram = poll();
            if (datagram == null) {
                break;
            }
            read++;
            counters.datagramsIn.increment();
            pipeline().fireChannelRead(datagram);
        }
        if (read > 0) {
            // QUIC answers, acknowledges and flushes here; without it a session stalls.
            pipeline().fireChannelReadComplete();
        }
        endOfRead();
    }

    private @Nullable DatagramPacket poll() {
        DatagramPacket datagram = inbound.poll();
        if (datagram != null) {
            queuedPackets.decrementAndGet();
            queuedBytes.addAndGet(-datagram.content().readableBytes());
        }
        return datagram;
    }

    private void releaseQueued() {
        for (DatagramPacket datagram = poll(); datagram != null; datagram = poll()) {
            datagram.release();
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) {
        for (Object message = out.current(); message != null; message = out.current()) {
            if (message instanceof DatagramPacket datagram) {
                send(datagram);
            }
            out.remove();
        }
        if (!unflushed.isEmpty() && !flushPending) {
            flushPending = true;
            try {
                loop.execute(this::flushRoutes);
            } catch (RejectedExecutionException ending) {
                flushRoutes();
            }
        }
    }

    /// Behind what the loop has to do anyway: several streams that write in one pass fill one frame of the link.
    private void flushRoutes() {
        flushPending = false;
        for (EdgeRoute route : unflushed) {
            route.flush();
        }
        unflushed.clear();
    }

    private void send(DatagramPacket datagram) {
        ByteBuf payload = datagram.content();
        if (!payload.isReadable()) {
            return;
        }
        SessionPath path = paths.to(datagram.recipient());
        EdgeRoute route = path == null ? null : path.next(payload.readableBytes());
        if (path == null || route == null) {
            counters.droppedWithoutRoute.increment();
            return;
        }
        if (payload.readableBytes() > route.maxPayload()) {
            counters.droppedOversized.increment();
            return;
        }
        counters.datagramsOut.increment();
        path.leaving(payload);
        route.send(payload.retain());
        int before = unflushed.size();
        boolean isLast = before > 0 && unflushed.get(before - 1) == route;
        if (!isLast && !(before > 1 && unflushed.get(before - 2) == route)) {
            unflushed.add(route); // a session may use two in turns
        }
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        if (message instanceof DatagramPacket) {
            return message;
        }
        ReferenceCountUtil.safeRelease(message);
        throw new UnsupportedOperationException("only datagrams leave here, not " + message.getClass());
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
                promise.setFailure(new UnsupportedOperationException("an overlay channel is never connected"));
            }
        };
    }

    @Override
    protected boolean isCompatible(EventLoop candidate) {
        return candidate == loop;
    }

    @Override
    protected void doRegister() {
        active = true;
    }

    @Override
    protected void doClose() {
        open = false;
        active = false;
        releaseQueued();
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("an overlay channel has no address to bind");
    }

    @Override
    protected void doBeginRead() {}

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return null;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return active;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }
}
