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
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// A datagram channel without a socket: the parent of QUIC connections. What QUIC sends goes to the route of the
/// session that the recipient address names; what routes bring comes through the [Inbox] of its event loop.
final class Overlay extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);
    private static final WriteBufferWaterMark UNBOUNDED_HERE = new WriteBufferWaterMark(16 << 20, 32 << 20);

    private final DefaultChannelConfig config = new DefaultChannelConfig(this);
    private final EventLoop loop;
    private final Inbox inbox;
    private final int datagramSize;
    private final SessionPaths paths;
    private final Counters counters;
    private final List<EdgeRoute> unflushed = new ArrayList<>();
    private boolean flushPending;
    private volatile boolean active;
    private volatile boolean open = true;

    Overlay(Inbox inbox, int datagramSize, SessionPaths paths, Counters counters) {
        super((@Nullable Channel) null);
        this.loop = inbox.loop();
        this.inbox = inbox;
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

    /// What routes bring for this channel's sessions waits there.
    Inbox inbox() {
        return inbox;
    }

    /// QUIC takes the datagram, now or at [#readComplete]. On the channel's event loop.
    void read(DatagramPacket datagram) {
        if (!open) {
            datagram.release();
            return;
        }
        counters.datagramsIn.increment();
        pipeline().fireChannelRead(datagram);
    }

    /// QUIC answers, acknowledges and flushes; without it a session stalls.
    void readComplete() {
        pipeline().fireChannelReadComplete();
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
        inbox.sent(path.turn(), payload.readableBytes());
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
        inbox.endOfRead(); // what waits there for this channel is let go
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
